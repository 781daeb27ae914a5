package io.popsight.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.popsight.geometry.BoundingBox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    assertThat(problems).singleElement().asString().contains("id 2: the box of a car reaches 20 ");
    assertThat(set.labels()).containsExactly("car", "bus");
    assertThat(set.photos().getFirst().objects())
        .containsExactly(
            new GroundTruth(1, new BoundingBox(10, 5, 40.5f, 25), false),
            new GroundTruth(0, new BoundingBox(90, 30, 100, 40), true, true));
    assertThat(set.photos().get(1).objects()).as("a photo of nothing").isEmpty();
  }

  @Test
  void projectAboveTheClasses_isNoClass() throws IOException {
    layout(
        "val/_annotations.coco.json",
        "{\"id\": 1, \"image_id\": 11, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}");
    Path file = dir.resolve("val/_annotations.coco.json");
    String classes = "{\"id\": 3, \"name\": \"car\"}, {\"id\": 7, \"name\": \"bus\"}";
    String exported =
        """
        {"id": 0, "name": "car", "supercategory": "none"},
        {"id": 1, "name": "car", "supercategory": "car"},
        {"id": 2, "name": "bus", "supercategory": "car"}
        """;
    Files.writeString(file, Files.readString(file).replace(classes, exported));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.labels()).containsExactly("car", "bus");
    assertThat(set.photos().get(1).objects()).singleElement().matches(o -> o.classId() == 0);
    assertThat(problems).isEmpty();

    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"id\": 2, \"name\": \"bus\"", "\"id\": 2, \"name\": \"car\""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageContaining("the class 'car' has no name or is there twice");
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
  void everyProblem_isToldWithItsLineAndTheAnnotationsId() throws IOException {
    layout(
        "annotations/instances_val.json",
        """
        {"id": 21, "image_id": 10, "category_id": 9, "bbox": [1, 1, 5, 5]},
        {"id": 22, "image_id": 10, "category_id": 3, "bbox": [1, 1, 0, 5]},
        {"id": 23, "image_id": 10, "category_id": 3, "bbox": [200, 1, 5, 5]},
        {"id": 24, "image_id": 10, "category_id": 3, "bbox": [1, 1, 5]},
        {"id": 25, "image_id": 99, "category_id": 3, "bbox": [1, 1, 5, 5]},
        {"id": 26, "image_id": 10, "category_id": 3, "bbox": [1, 1, 5, 5]},
        {"id": 27, "image_id": 10, "category_id": 3,
         "bbox": [1, 1, 5, 5]},
        {"id": 28, "image_id": 10, "category_id": 3, "bbox": [90, 1, 15, 5]}
        """);
    Files.delete(dir.resolve("val/b.jpg"));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos()).hasSize(1);
    assertThat(set.photos().getFirst().objects()).hasSize(3);
    String file = dir.resolve("annotations/instances_val.json").toString();
    assertThat(String.join("\n", problems))
        .contains(file + ":8: annotations[4], id 25: no image of id 99")
        .contains(file + ":4: annotations[0], id 21: unknown class 9")
        .contains(":5: annotations[1], id 22: the box of a car has no area")
        .contains(":6: annotations[2], id 23: the box of a car lies outside the picture")
        .contains(":7: annotations[3], id 24: bbox [1,1,5] is not [x, y, width, height]")
        .contains(
            ":10: annotations[6], id 27: the same box of a car as at "
                + file
                + ":9: annotations[5], id 26")
        .contains(
            ":12: annotations[7], id 28: the box of a car reaches 5 pixels over the edge of the"
                + " picture (100x40): [90,1,15,5]")
        .contains("b.jpg");
    assertThat(problems).hasSize(8);
  }

  @Test
  void byteOrderMark_isNoPartOfTheJson_andOtherEncodingsAreNamed() throws IOException {
    layout("annotations/instances_val.json", "");
    Path index = dir.resolve("annotations/instances_val.json");
    Files.writeString(index, "\uFEFF" + Files.readString(index).replace("bus", "b\u00FCs"));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.labels()).containsExactly("car", "b\u00FCs");
    Files.writeString(index, Files.readString(index), StandardCharsets.UTF_16);
    assertThatIOException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessage(index + ": is not UTF-8; save it as UTF-8");
  }

  @Test
  void idsMayBeWords_andANumberIsTheSameAsText() throws IOException {
    layout(
        "annotations/instances_val.json",
        """
        {"id": "x", "image_id": "img_1", "category_id": "7", "bbox": [1, 2, 3, 4]},
        {"id": "y", "image_id": 10.0, "category_id": "a car", "bbox": [1, 2, 3, 4]},
        {"id": "z", "category_id": "a car", "bbox": [1, 2, 3, 4]}
        """);
    replace("\"id\": 3", "\"id\": \"a car\"");
    replace("\"id\": 11", "\"id\": \"img_1\"");
    replace("img_1", "12.1");
    replace("\"image_id\": 10.0", "\"image_id\": \"12.10\"");
    replace("\"id\": 10,", "\"id\": \"12.10\",");

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos())
        .extracting(photo -> photo.objects().getFirst().classId())
        .containsExactly(0, 1);
    assertThat(set.photos()).allMatch(photo -> photo.objects().size() == 1);
    assertThat(problems).singleElement().asString().contains("id \"z\": no image of id");
  }

  @Test
  void photoWithoutId_isSkipped() throws IOException {
    layout(
        "annotations/instances_val.json",
        "{\"id\": 1, \"category_id\": 3, \"bbox\": [1, 2, 3, 4]}");
    replace("\"id\": 10, ", "");

    assertThat(DataSet.read("coco", dir, "val", List.of(), problems::add).photos()).hasSize(1);
    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).endsWith("instances_val.json:2: images[0]: the photo has no id"),
            p -> assertThat(p).contains("annotations[0], id 1: no image of id"));
  }

  @Test
  void categoriesOfOneId_areRefused() throws IOException {
    layout("annotations/instances_val.json", "");
    replace("{\"id\": 7, ", "{\"id\": \"3\", ");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageEndingWith(
            "val.json:1: categories[1], id \"3\": the id of the category 'bus' is that of 'car', too");

    replace("{\"id\": \"3\", ", "{");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageEndingWith("val.json:1: categories[1]: the category 'bus' has no id");
  }

  @Test
  void photoOfAnotherSize_isToldAndSkipped() throws IOException {
    layout("annotations/instances_val.json", "");
    Pictures.jpeg(dir.resolve("val/a.jpg"), 200, 80);
    Pictures.jpeg(dir.resolve("val/b.jpg"), 40, 100);
    Pictures.jpeg(dir.resolve("val/c.jpg"), 50, 50);
    replace("\"images\": [", "\"images\": [{\"id\": 12, \"file_name\": \"c.jpg\"}, ");

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos()).as("a photo whose size is not written").hasSize(1);
    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).endsWith(": images[1], id 10: the picture is 200x80, not 100x40"),
            p ->
                assertThat(p)
                    .contains("images[2], id 11: the picture is 40x100, not 100x40: turned by"));
  }

  @Test
  void nameThatLeavesTheFolder_isSkipped() throws IOException {
    layout("annotations/instances_val.json", "");
    Path index = dir.resolve("annotations/instances_val.json");
    Files.writeString(index, Files.readString(index).replace("a.jpg", "../../../etc/passwd"));

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(set.photos()).hasSize(1);
    assertThat(problems)
        .anySatisfy(p -> assertThat(p).contains(":2: images[0], id 10: file_name leaves"));
  }

  @Test
  void namesMayBeginWithFoldersOfTheDataSet() throws IOException {
    layout("annotations/instances_val.json", "");
    Pictures.jpeg(dir.resolve("images/deep/c.jpg"), 100, 40);
    replace("a.jpg", "val/a.jpg");
    replace("b.jpg", "val\\\\b.jpg");
    replace("\"images\": [", "\"images\": [{\"id\": 12, \"file_name\": \"deep/c.jpg\"}, ");

    DataSet set = DataSet.read("coco", dir, "val", List.of(), problems::add);

    assertThat(problems).isEmpty();
    assertThat(set.photos())
        .extracting(LabeledPhoto::photo)
        .containsExactly(
            dir.resolve("images/deep/c.jpg"), dir.resolve("val/a.jpg"), dir.resolve("val/b.jpg"));
  }

  @Test
  void validFolder_isTheValidationSplit() throws IOException {
    layout("val/_annotations.coco.json", "");
    Files.move(dir.resolve("val"), dir.resolve("valid"));

    assertThat(DataSet.read("coco", dir, "val", List.of(), problems::add).photos()).hasSize(2);
    assertThat(problems).isEmpty();
  }

  @Test
  void singleFile_isEverySplit_butNotWhereItNamesOne() throws IOException {
    layout("result.json", "");
    Files.move(dir.resolve("val"), dir.resolve("images"));

    assertThat(DataSet.read("auto", dir, "train", List.of(), problems::add).photos()).hasSize(2);
    assertThat(DataSet.read("auto", dir, "val", List.of(), problems::add).photos()).hasSize(2);
    assertThat(problems).isEmpty();

    Files.move(dir.resolve("result.json"), dir.resolve("latest.json"));
    assertThat(DataSet.read("auto", dir, "val", List.of(), problems::add).photos()).hasSize(2);

    Files.move(dir.resolve("latest.json"), dir.resolve("my_train.json"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("auto", dir, "val", List.of(), problems::add))
        .withMessageContaining("no annotations of split 'val'; there are []; looked at")
        .withMessageEndingWith("; .json files of other names: my_train.json");
  }

  @Test
  void photosThatNoEntryNames_areTold_andWhereNoneIsThereItIsSaidOnce() throws IOException {
    layout("annotations/instances_val.json", "");
    Pictures.jpeg(dir.resolve("val/c.jpg"), 100, 40);
    Pictures.jpeg(dir.resolve("val/d.jpg"), 100, 40);

    assertThat(DataSet.read("coco", dir, "val", List.of(), problems::add).photos()).hasSize(2);
    Path index = dir.resolve("annotations/instances_val.json");
    assertThat(problems)
        .containsExactly(dir.resolve("val") + ": 2 photos are not in " + index + ": c.jpg, d.jpg");

    Files.move(dir.resolve("val"), dir.resolve("elsewhere"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageContaining(
            "none of the 2 photos of " + index + " is there; looked for 'a.jpg' in");
  }

  @Test
  void missingSplitAndBrokenFile_areNamed() throws IOException {
    layout("annotations/instances_val.json", "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "test", List.of(), problems::add))
        .withMessageContaining("no annotations of split 'test'; there are [val]; looked at");
    Files.writeString(dir.resolve("annotations/instances_val.json"), "{broken");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageContaining("instances_val.json:1: ");
    Files.writeString(dir.resolve("annotations/instances_val.json"), "{\"images\": [{},\n {}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageEndingWith("instances_val.json:2: the file ends too early");
    Files.writeString(dir.resolve("annotations/instances_val.json"), "{\"images\": [{}]]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("coco", dir, "val", List.of(), problems::add))
        .withMessageContaining("instances_val.json:1: Unexpected close marker ']'")
        .withMessageNotContaining("Source");
  }

  private void replace(String written, String by) throws IOException {
    Path index = dir.resolve("annotations/instances_val.json");
    String json = Files.readString(index);
    assertThat(json).contains(written);
    Files.writeString(index, json.replace(written, by));
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
