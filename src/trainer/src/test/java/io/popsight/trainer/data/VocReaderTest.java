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

/** Every problem is told with its file, skipped, and reading goes on. */
class VocReaderTest {

  @TempDir private Path dir = Path.of("");
  private final List<String> problems = new ArrayList<>();

  @BeforeEach
  void layout() throws IOException {
    Files.createDirectories(dir.resolve("Annotations"));
    Files.createDirectories(dir.resolve("JPEGImages"));
    Files.createDirectories(dir.resolve("ImageSets/Main"));
  }

  @Test
  void box_becomesEdges() throws IOException {
    add("good", object("RBC", 1, 1, 640, 480));

    DataSet set = read("good");

    assertThat(problems).isEmpty();
    assertThat(set.photos().getFirst().objects().getFirst().box().xMin()).isEqualTo(0);
    assertThat(set.photos().getFirst().objects().getFirst().box().xMax()).isEqualTo(640);
  }

  @Test
  void everyProblem_isToldAndSkipped() throws IOException {
    add("good", object("RBC", 10, 10, 20, 20));
    add("inverted", object("RBC", 30, 10, 20, 20));
    add("outside", object("RBC", 700, 10, 720, 20));
    add("unknown", object("unicorn", 10, 10, 20, 20));
    add("empty", "");
    Files.writeString(dir.resolve("Annotations/empty.xml"), "");
    add("broken", "");
    Files.writeString(dir.resolve("Annotations/broken.xml"), "<annotation><object>");
    add("nopicture", object("RBC", 10, 10, 20, 20));
    Files.delete(dir.resolve("JPEGImages/nopicture.jpg"));

    add("resized", object("RBC", 10, 10, 20, 20));
    Pictures.jpeg(dir.resolve("JPEGImages/resized.jpg"), 320, 240);
    add("damaged", object("RBC", 10, 10, 20, 20));
    Files.write(dir.resolve("JPEGImages/damaged.jpg"), new byte[0]);
    add("nonumber", object("RBC", 10, 10, 20, 20).replace("<xmin>10", "<xmin>ten"));
    add("foreign", "");
    Files.writeString(
        dir.resolve("Annotations/foreign.xml"),
        "<!DOCTYPE annotation [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n"
            + "<annotation>&x;</annotation>");

    DataSet set =
        read(
            "good",
            "inverted",
            "outside",
            "unknown",
            "empty",
            "broken",
            "nopicture",
            "resized",
            "damaged",
            "nonumber",
            "foreign");

    assertThat(set.photos()).hasSize(5);
    assertThat(set.photos().getFirst().objects()).hasSize(1);
    assertThat(problems).hasSize(10);
    assertThat(problems.get(0))
        .contains("inverted.xml:1: the box of a RBC is inverted or has no area");
    assertThat(problems.get(1))
        .contains("outside.xml:1: the box of a RBC lies outside the picture");
    assertThat(problems.get(2)).contains("unknown.xml:1: unknown class 'unicorn'; known: [RBC]");
    assertThat(problems.get(3)).contains("empty.xml: the file is empty");
    assertThat(problems.get(4)).contains("broken.xml:1: broken XML");
    assertThat(problems.get(5)).contains("nopicture.jpg: the picture is missing");
    assertThat(problems.get(6)).contains("resized.xml:1: the picture is 320x240, not 640x480");
    assertThat(problems.get(7)).contains("damaged.jpg: the photo is empty");
    assertThat(problems.get(8)).contains("nonumber.xml:1: the box of a RBC lacks a number");
    assertThat(problems.get(9)).contains("foreign.xml:1: broken XML: DOCTYPE is disallowed");
  }

  @Test
  void boxOverTheEdge_isClippedAndTold_butNotByAPixel() throws IOException {
    add("edge", object("RBC", 631, 471, 700, 500));
    add("counted", object("RBC", 0, 0, 641, 480));

    DataSet set = read("edge", "counted");

    assertThat(set.photos().getFirst().objects().getFirst().box())
        .isEqualTo(new BoundingBox(630, 470, 640, 480));
    assertThat(problems)
        .singleElement()
        .asString()
        .contains("edge.xml:1: the box of a RBC reaches 60 pixels over the edge");
  }

  /** As in BloodImage_00343 of the cells. */
  @Test
  void boxWithoutArea_isToldAndSkipped() throws IOException {
    add("point", object("RBC", 181, 329, 181, 329));

    assertThat(read("point").photos().getFirst().objects()).isEmpty();
    assertThat(problems)
        .singleElement()
        .asString()
        .contains("point.xml:1: the box of a RBC is inverted or has no area");
  }

  @Test
  void splitThatIsNotThere_isRefusedWithThoseThatAre() throws IOException {
    add("here", object("RBC", 10, 10, 20, 20));
    Files.createFile(dir.resolve("ImageSets/Main/RBC_test.txt"));
    read("here");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("voc", dir, "tset", List.of(), problems::add))
        .withMessageContaining("no split 'tset'; there are [test] in ");
  }

  @Test
  void byteOrderMark_isNoPartOfTheFirstPhoto() throws IOException {
    add("here", object("RBC", 10, 10, 20, 20));

    assertThat(read("\uFEFFhere").photos()).hasSize(1);
    assertThat(problems).isEmpty();
  }

  @Test
  void ownLabels_areThoseOfAllSplits() throws IOException {
    add("here", object("WBC", 10, 10, 20, 20));
    add("elsewhere", object("RBC", 10, 10, 20, 20) + object("", 10, 10, 20, 20));
    Files.write(dir.resolve("ImageSets/Main/test.txt"), List.of("here"));

    DataSet set = DataSet.read("voc", dir, "test", List.of(), problems::add);

    assertThat(set.labels()).containsExactly("RBC", "WBC");
  }

  @Test
  void fileOfAnotherRoot_isToldAndSkipped() throws IOException {
    add("nothing", "");
    add("several", "");
    Files.writeString(
        dir.resolve("Annotations/several.xml"),
        "<annotations><annotation>%s</annotation></annotations>"
            .formatted(object("RBC", 10, 10, 20, 20)));

    assertThat(read("nothing", "several").photos()).hasSize(1);
    assertThat(problems)
        .singleElement()
        .asString()
        .endsWith("several.xml:1: expected <annotation>, found <annotations>");
  }

  @Test
  void photosOfOtherEndingsNamesAndFolders_areFound() throws IOException {
    Files.createDirectories(dir.resolve("images"));
    Files.createDirectories(dir.resolve("JPEGImages/sub"));
    Files.createDirectories(dir.resolve("Annotations/sub"));
    for (String id : List.of("upper", "long", "elsewhere", "renamed", "sub/below")) {
      add(id, object("RBC", 10, 10, 20, 20));
    }
    move("JPEGImages/upper.jpg", "JPEGImages/upper.JPG");
    move("JPEGImages/long.jpg", "JPEGImages/long.jpeg");
    move("JPEGImages/elsewhere.jpg", "images/elsewhere.jpg");
    move("JPEGImages/renamed.jpg", "JPEGImages/other name.jpg");
    Path file = dir.resolve("Annotations/renamed.xml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("<size>", "<filename>C:\\photos\\other name.jpg</filename><size>"));

    DataSet set = read("upper", "long", "elsewhere", "renamed", "sub/below");

    assertThat(problems).isEmpty();
    assertThat(set.photos())
        .extracting(photo -> String.valueOf(photo.photo().getFileName()))
        .containsExactly("upper.JPG", "long.jpeg", "elsewhere.jpg", "other name.jpg", "below.jpg");
  }

  @Test
  void photoWithAnAnnotationOfItsOwn_isNoOthers() throws IOException {
    add("a", object("RBC", 1, 1, 5, 5) + "<filename>b.jpg</filename>");
    add("b", "");
    Files.delete(dir.resolve("JPEGImages/a.jpg"));

    assertThat(read("a", "b").photos()).singleElement().matches(photo -> photo.objects().isEmpty());
    assertThat(problems).singleElement().asString().endsWith("a.jpg: the picture is missing");
  }

  @Test
  void rootOfAnotherName_isReadWhereItHasWhatAnnotationsHave() throws IOException {
    add("doc", object("RBC", 1, 1, 5, 5));
    Path file = dir.resolve("Annotations/doc.xml");
    Files.writeString(file, Files.readString(file).replace("annotation>", "doc>"));

    assertThat(read("doc").photos()).singleElement().matches(photo -> photo.objects().size() == 1);
    assertThat(problems).isEmpty();
  }

  @Test
  void linesOfLists_mayHaveSpacesMarksAndEndings() throws IOException {
    for (String id : List.of("my photo", "photo 1", "other", "dotted.name")) {
      add(id, object("RBC", 10, 10, 20, 20));
    }

    DataSet set = read("my photo  1", "photo 1", "other.jpg -1", "dotted.name", "", "other  0");

    assertThat(problems)
        .singleElement()
        .asString()
        .startsWith("1 photos are named again and count once, such as ")
        .endsWith("other.jpg");
    assertThat(set.photos())
        .extracting(photo -> String.valueOf(photo.photo().getFileName()))
        .containsExactly("my photo.jpg", "photo 1.jpg", "other.jpg", "dotted.name.jpg");
  }

  @Test
  void withoutLists_everyAnnotationIsInEachUsualSplit() throws IOException {
    Files.delete(dir.resolve("ImageSets/Main"));
    Files.delete(dir.resolve("ImageSets"));
    add("a", object("RBC", 10, 10, 20, 20));
    Pictures.jpeg(dir.resolve("JPEGImages/b.jpg"), 640, 480);
    Files.writeString(dir.resolve("JPEGImages/._a.jpg"), "what macOS leaves");
    Files.writeString(dir.resolve("Annotations/._a.xml"), "what macOS leaves");

    assertThat(DataSet.read("auto", dir, "val", List.of(), problems::add).photos()).hasSize(1);
    assertThat(problems).singleElement().asString().endsWith("b.jpg: the annotation is missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("auto", dir, "night", List.of(), problems::add))
        .withMessageContaining("no split 'night'; without " + dir.resolve("ImageSets/Main/night"));

    Files.createDirectory(dir.resolve("ImageSets"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read("auto", dir, "val", List.of(), problems::add))
        .withMessageContaining("is not laid out as voc: there is no");
  }

  private void move(String from, String to) throws IOException {
    Files.move(dir.resolve(from), dir.resolve(to));
  }

  private DataSet read(String... ids) throws IOException {
    Files.write(dir.resolve("ImageSets/Main/test.txt"), List.of(ids));
    return DataSet.read("voc", dir, "test", List.of("RBC"), problems::add);
  }

  private void add(String id, String objects) throws IOException {
    Files.writeString(
        dir.resolve("Annotations/" + id + ".xml"),
        "<annotation><size><width>640</width><height>480</height></size>"
            + objects
            + "</annotation>");
    Pictures.jpeg(dir.resolve("JPEGImages/" + id + ".jpg"), 640, 480);
  }

  private static String object(String name, int xMin, int yMin, int xMax, int yMax) {
    return "<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>"
        .formatted(name, xMin, yMin, xMax, yMax);
  }
}
