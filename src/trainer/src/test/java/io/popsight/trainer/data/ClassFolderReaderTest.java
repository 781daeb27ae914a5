package io.popsight.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.popsight.geometry.BoundingBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassFolderReaderTest {

  @TempDir private Path dir = Path.of("");
  private final List<String> problems = new ArrayList<>();

  @BeforeEach
  void photos() throws IOException {
    Pictures.jpeg(dir.resolve("train/cat/1.jpg"), 40, 30);
    Pictures.jpeg(dir.resolve("train/dog/2.jpg"), 20, 50);
    Pictures.jpeg(dir.resolve("test/dog/3.jpg"), 20, 50);
  }

  @Test
  void class_isTheFoldersName_andAroundTheWholePhoto() throws IOException {
    Files.writeString(dir.resolve("train/cat/._1.jpg"), "what macOS leaves");

    DataSet set = DataSet.read("auto", dir, "train", List.of(), problems::add);

    assertThat(problems).isEmpty();
    assertThat(set.labels()).containsExactly("cat", "dog");
    assertThat(set.photos())
        .extracting(photo -> photo.objects().getFirst())
        .containsExactly(
            new GroundTruth(0, new BoundingBox(0, 0, 40, 30), false),
            new GroundTruth(1, new BoundingBox(0, 0, 20, 50), false));
  }

  @Test
  void jsonBesideTheClasses_makesItNoCoco_unlessItHasCocosLists() throws IOException {
    Files.writeString(dir.resolve("train/labels.json"), "{\"cat\": 0, \"dog\": 1}");
    assertThat(DataSet.read("auto", dir, "train", List.of(), problems::add).labels())
        .containsExactly("cat", "dog");

    Files.writeString(
        dir.resolve("all.json"),
        """
        {"images": [{"id": 1, "file_name": "train/cat/1.jpg"}], "annotations": [],
         "categories": [{"id": 1, "name": "ear"}]}
        """);
    Files.delete(dir.resolve("train/labels.json"));
    assertThat(DataSet.read("auto", dir, "train", List.of(), problems::add).labels())
        .containsExactly("ear");
  }

  @Test
  void otherSplit_takesTheClassesOfTheModel() throws IOException {
    DataSet set = DataSet.read("folders", dir, "test", List.of("cat", "dog"), problems::add);

    assertThat(set.photos()).hasSize(1);
    assertThat(set.photos().getFirst().objects().getFirst().classId()).isEqualTo(1);
  }

  @Test
  void unknownClassAndDamagedPhoto_areToldAndSkipped() throws IOException {
    Pictures.jpeg(dir.resolve("train/horse/4.jpg"), 20, 50);
    Files.writeString(dir.resolve("train/cat/5.jpg"), "no photo");

    DataSet set = DataSet.read("folders", dir, "train", List.of("cat", "dog"), problems::add);

    assertThat(set.photos()).hasSize(2);
    assertThat(problems)
        .hasSize(2)
        .anyMatch(problem -> problem.contains("no class is called horse"))
        .anyMatch(problem -> problem.contains("5.jpg"));
  }

  @Test
  void photoThatShowsNothing_isRefusedWhereClassesAreAskedFor() {
    LabeledPhoto nothing = new LabeledPhoto(Path.of("nothing.jpg"), List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new DataSet("set", List.of("cat"), List.of(nothing)).requireOneClassEach())
        .withMessageContaining("nothing.jpg has 0 objects");
  }

  @Test
  void missingSplit_isNamed() {
    assertRefused("folders", dir, "val", "no split 'val'; there are [");
  }

  @Test
  void foldersOfOtherLayouts_areNoClasses_andWhatIsMissingIsTold() throws IOException {
    Path set = dir.resolve("yolo");
    Pictures.jpeg(set.resolve("train/images/1.jpg"), 40, 30);
    Files.createDirectories(set.resolve("train/labels"));
    Files.writeString(set.resolve("street.yaml"), "names: [bus]");
    assertRefused(
        "auto",
        set,
        "train",
        "it has train/images and train/labels, but no data.yaml or classes",
        "(if [street.yaml] has them, call it data.yaml)");
    assertRefused(
        "yolo", set, "train", "has no data.yaml or classes.txt with the class names (if [street");

    Path splitsBelow = dir.resolve("splits");
    Pictures.jpeg(splitsBelow.resolve("images/train/1.jpg"), 40, 30);
    Files.createDirectories(splitsBelow.resolve("labels/train"));
    assertRefused("auto", splitsBelow, "train", "it has images and labels, but no data.yaml");

    Path xml = dir.resolve("xml");
    Pictures.jpeg(xml.resolve("train/images/1.jpg"), 40, 30);
    Files.createDirectories(xml.resolve("train/annotations"));
    Files.writeString(xml.resolve("train/annotations/1.xml"), "<annotation/>");
    assertRefused(
        "auto", xml, "train", "it has train/annotations/1.xml, but voc has such files in Annot");
  }

  @Test
  void folderOrFileAboveOrBelow_isRefusedWithTheRightOne() throws IOException {
    Path kit = dir.resolve("kit");
    Pictures.jpeg(kit.resolve("VOC2012/JPEGImages/1.jpg"), 40, 30);
    Files.createDirectories(kit.resolve("VOC2012/Annotations"));
    assertRefused("auto", kit, "train", kit.resolve("VOC2012") + " is laid out as voc: give that");

    Path file = Files.writeString(dir.resolve("data.yaml"), "names: [bus]");
    assertRefused("yolo", file, "train", "data.yaml is a file; give the folder of the data set");
  }

  private void assertRefused(String format, Path set, String split, String... why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read(format, set, split, List.of(), problems::add))
        .withMessageContainingAll(why);
  }
}
