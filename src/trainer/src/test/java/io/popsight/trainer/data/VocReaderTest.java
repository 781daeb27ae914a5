package io.popsight.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

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

    DataSet set = read("good", "inverted", "outside", "unknown", "empty", "broken", "nopicture");

    assertThat(set.photos()).hasSize(4);
    assertThat(set.photos().getFirst().objects()).hasSize(1);
    assertThat(problems).hasSize(6);
    assertThat(problems.get(0))
        .contains("inverted.xml: the box of a RBC is inverted or has no area");
    assertThat(problems.get(1)).contains("outside.xml: the box of a RBC lies outside the picture");
    assertThat(problems.get(2)).contains("unknown.xml: unknown class 'unicorn'; known: [RBC]");
    assertThat(problems.get(3)).contains("empty.xml: the file is empty");
    assertThat(problems.get(4)).contains("broken.xml: broken XML");
    assertThat(problems.get(5)).contains("nopicture.jpg: the picture is missing");
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
    Files.createFile(dir.resolve("JPEGImages/" + id + ".jpg"));
  }

  private static String object(String name, int xMin, int yMin, int xMax, int yMax) {
    return "<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>"
        .formatted(name, xMin, yMin, xMax, yMax);
  }
}
