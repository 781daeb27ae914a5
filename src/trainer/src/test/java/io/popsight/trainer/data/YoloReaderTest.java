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

class YoloReaderTest {

  @TempDir private Path dir = Path.of("");
  private final List<String> problems = new ArrayList<>();

  @Test
  void box_comesFromShares() throws IOException {
    layout("val/images", "names: [bus, car]\nval: val/images\n", "1 0.5 0.25 0.5 0.5\n");

    LabeledPhoto photo = read(List.of()).photos().getFirst();

    assertThat(problems).isEmpty();
    assertThat(photo.objects())
        .containsExactly(new GroundTruth(1, new BoundingBox(25, 0, 75, 20), false));
  }

  @Test
  void yaml_saysWhereThePhotosAre() throws IOException {
    layout("pictures/images/v", "names: {1: car, 0: bus}\nval: pictures/images/v\n", "0 .5 .5 1 1");

    DataSet set = read(List.of("car", "bus"));

    assertThat(set.labels()).containsExactly("car", "bus");
    assertThat(set.photos().getFirst().objects().getFirst().classId()).isEqualTo(1);
  }

  @Test
  void everyProblem_isToldWithItsLine() throws IOException {
    layout(
        "val/images",
        "names: [bus, car]\n",
        """
        0 0.5 0.5 0.2 0.2
        0 0.5 0.5 0 0.2
        0 0.5 0.5 1e-8 0.2
        0 3 3 0.2 0.2
        1 0.5 0.5 0.2 0.2
        0 0.9 0.5 0.4 0.2
        0 0.50 0.50 0.20 0.20
        """);
    Files.writeString(dir.resolve("val/images/notes.md"), "no photo");

    DataSet set = read(List.of("bus"));

    assertThat(set.photos()).hasSize(1);
    assertThat(set.photos().getFirst().objects()).hasSize(3);
    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("a.txt:2: the box of a bus has no area"),
            p -> assertThat(p).contains("a.txt:3: the box of a bus has no area: 0 0.5 0.5 1e-8"),
            p -> assertThat(p).contains("a.txt:4: the box of a bus lies outside the picture"),
            p -> assertThat(p).contains("a.txt:5: unknown class 'car'; known: [bus]"),
            p ->
                assertThat(p)
                    .contains("a.txt:6: the box of a bus reaches 10 pixels over the edge")
                    .endsWith("(100x40): 0 0.9 0.5 0.4 0.2"),
            p -> assertThat(p).contains("a.txt:7: the same box of a bus as at ", "a.txt:1"),
            p -> assertThat(p).contains("notes.md: this is no photo"));
  }

  @Test
  void photoWithLinesThatCannotBeRead_isLeftOut() throws IOException {
    layout(
        "val/images",
        "names: [bus, car]\n",
        """
        0 0.5 0.5 0.2 0.2
        7 0.5 0.5 0.2 0.2
        0 0.5 NaN 0.2 0.2
        0 0.1 0.1 0.2 0.2 0.3 0.3
        0 0.1 0.1 0.2 0.2 0.3 0.3 0.4 0.4
        0 0.5 0.5 0.2 0.2 0.9
        0 0.5 0.5 0.2
        """);
    Pictures.jpeg(dir.resolve("val/images/nothing.jpg"), 100, 40);
    Files.writeString(dir.resolve("val/labels/nothing.txt"), "\n");

    DataSet set = read(List.of());

    assertThat(set.photos())
        .singleElement()
        .satisfies(photo -> assertThat(photo.photo()).hasFileName("nothing.jpg"));
    assertThat(set.hasObjects()).isFalse();
    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("a.txt:2: unknown class; there are 2"),
            p -> assertThat(p).contains("a.txt:3: 'NaN' is no number"),
            p -> assertThat(p).contains("a.txt:4: expected 'class x y width height', found 7"),
            p -> assertThat(p).contains("a.txt:5: ", "found 9", "an outline or a turned box"),
            p -> assertThat(p).contains("a.txt:6: ", "found 6 fields, the sixth probably a score"),
            p -> assertThat(p).contains("a.txt:7: ", "found 4 fields: 0 0.5 0.5 0.2"),
            p -> assertThat(p).contains("a.txt: the photo is left out, for 6 lines"));
  }

  /** The name is made by a shell: Java has none for it. */
  @Test
  void photoWhoseNameIsNotUtf8_isLeftOut() throws Exception {
    layout("val/images", "names: [bus, car]\n", "0 0.5 0.5 0.2 0.2\n");
    Process shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "n=$(printf 'x\\374') && cp images/a.jpg images/$n.jpg && cp labels/a.txt labels/$n.txt")
            .directory(dir.resolve("val").toFile())
            .inheritIO()
            .start();
    assertThat(shell.waitFor()).isZero();

    DataSet set = read(List.of());

    assertThat(set.photos()).hasSize(1);
    assertThat(problems)
        .anySatisfy(
            p -> assertThat(p).contains("the photo is left out, for its name is not UTF-8"));
  }

  @Test
  void wrongRequests_areRefused() throws IOException {
    layout("val/images", "names: [bus, car]\n", "");

    assertRefused("pascal", "val", "unknown format 'pascal'");
    assertRefused(
        "yolo", "test", "no folder with photos of split 'test'; there are val; looked at");
    assertRefused("voc", "val", "is not laid out as voc: there is no");
  }

  @Test
  void yaml_mayNameSeveralFoldersAndLists() throws IOException {
    layout("one/images", "names: [bus]\nval: [one/images, listed.txt]\n", "0 .5 .5 1 1");
    Pictures.jpeg(dir.resolve("two/b.jpg"), 10, 10);
    Files.writeString(dir.resolve("two/b.txt"), "0 .5 .5 .5 .5");
    Files.writeString(dir.resolve("listed.txt"), "two/b.jpg\n");

    assertThat(read(List.of()).photos()).hasSize(2).allMatch(p -> p.objects().size() == 1);
    assertThat(problems).isEmpty();
  }

  @Test
  void validFolder_isTheValidationSplit() throws IOException {
    layout("valid/images", "names: [bus]\ntrain: ../train/images\nval: ../valid/images\n", "");

    assertThat(read(List.of()).photos()).hasSize(1);
  }

  @Test
  void folderWithClassesTxt_isEverySplit_withoutLabelNothingIsOnAPhoto() throws IOException {
    Pictures.jpeg(dir.resolve("a.jpg"), 100, 40);
    Pictures.jpeg(dir.resolve("b.jpg"), 100, 40);
    Files.writeString(dir.resolve("a.txt"), "1 .5 .5 .5 .5\n");
    Files.writeString(dir.resolve("classes.txt"), "cat\ndog\n");

    DataSet set = DataSet.read("auto", dir, "train", List.of(), problems::add);

    assertThat(set.labels()).containsExactly("cat", "dog");
    assertThat(set.photos()).extracting(p -> p.objects().size()).containsExactly(1, 0);
    assertThat(read(List.of()).photos()).hasSize(2);
    assertThat(problems).isEmpty();
    assertThat(new DataSetReport(set).text())
        .contains("1 photos have no label file, so nothing is on them; there is no " + dir)
        .contains("b.txt");
  }

  @Test
  void splitThatIsNotThere_isRefusedWithThoseThatAre() throws IOException {
    layout("images", "names: [bus]\n", "0 .5 .5 1 1");
    assertRefused(
        "yolo", "trian", "'trian'; there are test, train, val, valid, validation; looked at");

    layout("images/val", "names: [bus]\n", "0 .5 .5 1 1");
    layout("other/images", "names: [bus]\ntrain: other/images\n", "0 .5 .5 1 1");
    assertRefused("yolo", "trian", "'trian'; there are other, train, val; looked at");
  }

  @Test
  void report_hasSidesByNearestRank() throws IOException {
    layout(
        "val/images",
        "names: [bus]\n",
        "0 .5 .5 .1 .25\n0 .5 .5 .2 .5\n0 .5 .5 .3 .75\n0 .5 .5 .4 1\n");

    assertThat(new DataSetReport(read(List.of())).text()).containsPattern("bus .* 10, 20, 40\n");
  }

  @Test
  void labelsWithoutPhoto_andAWrongNumberOfNames_areTold() throws IOException {
    layout("val/images", "names: [bus]\n", "");
    Files.writeString(dir.resolve("val/labels/lost.txt"), "0 .5 .5 1 1\n");
    read(List.of());
    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p).endsWith("lost.txt: there is no photo of this name"));

    Files.writeString(dir.resolve("data.yaml"), "names: [bus]\nnc: 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(List.of()))
        .withMessageContaining("nc is 2, but there are 1 names");

    Files.writeString(dir.resolve("data.yaml"), "- bus\n- car\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(List.of()))
        .withMessageEndingWith("data.yaml: expected keys, as in 'names: [bus, car]'");
  }

  @Test
  void splitsThatAreLists_shareAFolderOfLabels() throws IOException {
    layout("images", "names: [bus]\ntrain: train.txt\nval: val.txt\n", "0 .5 .5 1 1");
    Pictures.jpeg(dir.resolve("images/b.jpg"), 10, 10);
    Files.writeString(dir.resolve("labels/b.txt"), "0 .5 .5 .5 .5");
    Files.writeString(dir.resolve("train.txt"), "images/a.jpg\n");
    Files.writeString(dir.resolve("val.txt"), "images/b.jpg\n");

    assertThat(read(List.of()).photos()).hasSize(1);
    assertThat(problems).isEmpty();
  }

  @Test
  void byteOrderMarks_areNoPartOfClassesLabelsAndLists() throws IOException {
    layout("images", "\uFEFFnames: [bus]\nval: val.txt\n", "\uFEFF0 .5 .5 1 1");
    Files.writeString(dir.resolve("val.txt"), "\uFEFFimages/a.jpg\n");

    assertThat(read(List.of()).photos()).singleElement().matches(p -> p.objects().size() == 1);
    assertThat(problems).isEmpty();

    Files.delete(dir.resolve("data.yaml"));
    Files.writeString(dir.resolve("classes.txt"), "\uFEFFbus\ncar\n");
    assertThat(read(List.of()).labels()).containsExactly("bus", "car");
  }

  @Test
  void fileThatIsNotUtf8_isNamed() throws IOException {
    layout("images", "names: [bus]\n", "");
    byte[] latin = "0 .5 .5 1 1 # gr\u00FCn".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(dir.resolve("labels/a.txt"), latin);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(List.of()))
        .withMessageContaining("no photos in split");
    assertThat(problems)
        .containsExactly(dir.resolve("labels/a.txt") + ": is not UTF-8; save it as UTF-8");

    Files.write(dir.resolve("data.yaml"), latin);
    assertThatIOException()
        .isThrownBy(() -> read(List.of()))
        .withMessage(dir.resolve("data.yaml") + ": is not UTF-8; save it as UTF-8");
  }

  @Test
  void subfoldersOfASplit_areReadWithTheirLabels() throws IOException {
    layout("images/val/cam1", "names: [bus]\ntrain: train\n", "0 .5 .5 1 1");
    Pictures.jpeg(dir.resolve("images/val/b.jpg"), 10, 10);
    Files.writeString(dir.resolve("labels/val/b.txt"), "0 .5 .5 .5 .5");
    Files.createSymbolicLink(dir.resolve("images/val/cam1/loop"), dir.resolve("images/val"));
    Files.createDirectories(dir.resolve("labels/val/cam2"));
    Files.writeString(dir.resolve("labels/val/cam2/lost.txt"), "0 .5 .5 1 1\n");
    Pictures.jpeg(dir.resolve("train/images/c.jpg"), 10, 10);
    Files.createDirectories(dir.resolve("train/labels"));
    Files.writeString(dir.resolve("train/labels/c.txt"), "0 .5 .5 .5 .5");

    assertThat(read(List.of()).photos()).hasSize(2).allMatch(p -> p.objects().size() == 1);
    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p).endsWith("cam2/lost.txt: there is no photo of this name"));
    problems.clear();
    assertThat(DataSet.read("yolo", dir, "train", List.of(), problems::add).photos())
        .hasSize(1)
        .allMatch(p -> p.objects().size() == 1);
    assertThat(problems).isEmpty();
  }

  @Test
  void photosBesideASplit_areAllOthers() throws IOException {
    layout("images", "names: [bus]\n", "0 .5 .5 1 1");
    Pictures.jpeg(dir.resolve("test/c.jpg"), 10, 10);

    assertThat(DataSet.read("yolo", dir, "train", List.of(), problems::add).photos())
        .singleElement()
        .matches(photo -> photo.photo().endsWith("images/a.jpg"));
    assertThat(problems).isEmpty();
  }

  @Test
  void splitThatIsNotThere_isNotMadeOfTheOthers() throws IOException {
    layout("images/train", "names: [bus]\nval: ''\n", "0 .5 .5 1 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(List.of()))
        .withMessageContaining("split 'val'; there are train; looked at");

    layout("images/cam1", "names: [bus]\n", "0 .5 .5 1 1");
    Files.delete(dir.resolve("images/train/a.jpg"));
    assertThat(read(List.of()).photos()).hasSize(1);
  }

  @Test
  void labelsBesidePhotos_areFound_whateverFoldersAboveAreCalled() throws IOException {
    Path set = dir.resolve("images/set");
    Pictures.jpeg(set.resolve("val/a.jpg"), 100, 40);
    Files.writeString(set.resolve("val/a.txt"), "0 .5 .5 1 1\n");
    Pictures.jpeg(set.resolve("train/images/b.jpg"), 100, 40);
    Files.writeString(set.resolve("train/images/b.txt"), "0 .5 .5 1 1\n");
    Files.writeString(set.resolve("data.yaml"), "names: [bus]\n");

    for (String split : List.of("val", "train")) {
      assertThat(DataSet.read("yolo", set, split, List.of(), problems::add).photos())
          .singleElement()
          .satisfies(photo -> assertThat(photo.objects()).hasSize(1));
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void photosNamedTwice_countOnce_andAreTold() throws IOException {
    layout(
        "images/val", "names: [bus]\nval: [images/val, ./images/val, list.txt]\n", "0 .5 .5 1 1");
    Pictures.jpeg(dir.resolve("images/val/b.jpg"), 10, 10);
    Files.writeString(dir.resolve("list.txt"), "images/val/a.jpg\n./images/val/a.jpg\n");

    DataSet set = read(List.of());

    assertThat(set.photos()).hasSize(2);
    assertThat(set.withoutLabels()).hasSize(1);
    assertThat(problems)
        .singleElement()
        .asString()
        .startsWith("4 photos are named again and count once, such as ");
  }

  @Test
  void whatFileManagersLeave_isNoProblem() throws IOException {
    layout("val/images", "names: [bus]\n", "0 .5 .5 1 1");
    for (String file : List.of(".DS_Store", "Thumbs.db", "._a.jpg", ".ipynb_checkpoints/a.jpg")) {
      Path left = dir.resolve("val/images").resolve(file);
      Files.createDirectories(left.resolveSibling(""));
      Files.writeString(left, "no photo");
    }

    assertThat(read(List.of()).photos()).hasSize(1);
    assertThat(problems).isEmpty();
  }

  private DataSet read(List<String> labels) throws IOException {
    return DataSet.read("yolo", dir, "val", labels, problems::add);
  }

  private void assertRefused(String format, String split, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSet.read(format, dir, split, List.of(), problems::add))
        .withMessageContaining(why);
  }

  private void layout(String images, String yaml, String lines) throws IOException {
    Files.writeString(dir.resolve("data.yaml"), yaml);
    Pictures.jpeg(dir.resolve(images).resolve("a.jpg"), 100, 40);
    Path labels = dir.resolve(images.replace("images", "labels"));
    Files.createDirectories(labels);
    Files.writeString(labels.resolve("a.txt"), lines);
  }
}
