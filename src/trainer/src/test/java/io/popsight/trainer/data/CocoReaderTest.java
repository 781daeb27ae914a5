package io.popsight.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.popsight.geometry.BoundingBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoReaderTest {

  @TempDir private Path dir = Path.of("");
  private final List<String> problems = new ArrayList<>();

  @Test
  void boxes_areCornerAndSides_andCrowdsAreDifficult() throws IOException {
    layout(
        "annotations/instances_val.json",
        """
        {"id": 1, "image_id": 10, "category_id": 7, "bbox": [10, 5, 30.5, 20], "iscrowd": 0},
        {"id": 2, "image_id": 10, "category_id": 3, "bbox": [90, 30, 30, 30], "iscrowd": 1}
        """);

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(problems).isEmpty();
    assertThat(set.labels()).containsExactly("car", "bus");
    assertThat(set.photos().getFirst().objects())
        .containsExactly(
            new GroundTruth(1, new BoundingBox(10, 5, 40.5f, 25), false),
            new GroundTruth(0, new BoundingBox(90, 30, 100, 40), true));
    assertThat(set.photos().get(1).objects()).as("a photo of nothing").isEmpty();
  }

  @Test
  void annotationsBesideThePhotos_areFound() throws IOException {
    layout(
        "val/_annotations.coco.json",
        "{\"id\": 1, \"image_id\": 11, \"category_id\": 3, \"bbox\": [1, 2, 3, 4]}");

    DataSet set = DataSet.read("coco", dir, "val", List.of("car"), problems::add);

    assertThat(set.photos().get(1).objects()).hasSize(1);
  }

  @Test
  void everyProblem_isToldWithTheAnnotationsId() throws IOException {
    layout(
        "annotations/instances_val.json",
        """
        {"id": 21, "image_id": 10, "category_id": 9, "bbox": [1, 1, 5, 5]},
        {"id": 22, "image_id": 10, "category_id": 3, "bbox": [1, 1, 0, 5]},
        {"id": 23, "image_id": 10, "category_id": 3, "bbox": [200, 1, 5, 5]},
        {"id": 24, "image_id": 10, "category_id": 3, "bbox": [1, 1, 5]},
        {"id": 25, "image_id": 99, "category_id": 3, "bbox": [1, 1, 5, 5]},
        {"id": 26, "image_id": 10, "category_id": 3, "bbox": [1, 1, 5, 5]}
        """);
    Files.delete(dir.resolve("val/b.jpg"));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos()).hasSize(1);
    assertThat(set.photos().getFirst().objects()).hasSize(1);
    assertThat(String.join("\n", problems))
        .contains("annotation 25: no image of id 99")
        .contains("annotation 21: unknown class 9")
        .contains("annotation 22: the box of a car has no area")
        .contains("annotation 23: the box of a car lies outside the picture")
        .contains("annotation 24: bbox [1,1,5] is not [x, y, width, height]")
        .contains("b.jpg");
    assertThat(problems).hasSize(6);
  }

  @Test
  void nameThatLeavesTheFolder_isSkipped() throws IOException {
    layout("annotations/instances_val.json", "");
    Path index = dir.resolve("annotations/instances_val.json");
    Files.writeString(index, Files.readString(index).replace("a.jpg", "../../etc/passwd"));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos()).hasSize(1);
    assertThat(problems).singleElement().asString().contains("image 10: file_name leaves");
  }

  @Test
  void missingSplitAndBrokenFile_areNamed() throws IOException {
    layout("annotations/instances_val.json", "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "test", List.of(), problems::add))
        .withMessageContaining("no annotations of split 'test'");
    Files.writeString(dir.resolve("annotations/instances_val.json"), "{broken");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageContaining("instances_val.json");
  }

  private void layout(String index, String annotations) throws IOException {
    Pictures.jpeg(dir.resolve("val/a.jpg"), 100, 40);
    Pictures.jpeg(dir.resolve("val/b.jpg"), 100, 40);
    Path file = dir.resolve(index);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        {"categories": [{"id": 3, "name": "car"}, {"id": 7, "name": "bus"}],
         "images": [{"id": 10, "file_name": "a.jpg", "width": 100, "height": 40},
                    {"id": 11, "file_name": "b.jpg", "width": 100, "height": 40}],
         "annotations": [%s]}
        """
            .formatted(annotations));
  }
}
