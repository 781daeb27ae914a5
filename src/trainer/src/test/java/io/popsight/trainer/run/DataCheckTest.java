package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.command.CommandEnd;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is told, and refused, before a training. */
class DataCheckTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void missingClass_isTold_andIsNoProblem() throws IOException {
    Path folderWithTwo = SquaresFolder.make(folder.resolve("two"), 4);
    Files.writeString(folderWithTwo.resolve("ImageSets/Main/val.txt"), "square00\nsquare02\n");
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), folderWithTwo, 1);

    assertThat(check(0, config)).contains("split 'val' has no green", "0 problems");
  }

  @Test
  void check_tellsWhatIsThereAndEveryProblem() throws IOException {
    Path folderWithProblem = SquaresFolder.make(folder.resolve("checked"), 4);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), folderWithProblem, 1);

    assertThat(check(0, config))
        .contains("train, to learn from and to measure on: ", "4 photos, 0 of them without objects")
        .contains("4 of 4 photos to measure on are learned from, too", "0 problems")
        .containsOnlyOnce("red ")
        .containsOnlyOnce("green ");

    Files.delete(folderWithProblem.resolve("JPEGImages/square01.jpg"));
    assertThat(check(1, config)).containsOnlyOnce("square01").containsPattern("(?m)^1 problem$");
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @Test
  void photosWithoutObjects_areRefusedBeforeTheFirstStep_withTheLabelsLookedFor()
      throws IOException {
    Path yolo = folder.resolve("yolo");
    Files.createDirectories(yolo.resolve("images"));
    Path squares = SquaresFolder.make(folder.resolve("squares"), 1);
    Files.copy(squares.resolve("JPEGImages/square00.jpg"), yolo.resolve("images/a.jpg"));
    Files.writeString(yolo.resolve("data.yaml"), "names: [red]\n");
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), yolo, 1);
    TrainConfig settings = ConfigFile.read(config, List.of("data.format=yolo"));
    List<String> told = new ArrayList<>();

    assertThatThrownBy(
            () -> new TrainingRun(settings, folder.resolve("run"), "none", false, told::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no photo of split 'train' has an object; see --check");

    assertThat(told)
        .isNotEmpty()
        .allMatch(problem -> problem.startsWith("1 photos have no label file"))
        .allMatch(problem -> problem.endsWith(yolo.resolve("labels/a.txt").toString()));
    assertThat(check(1, config, "data.format=yolo"))
        .contains("no photo of split 'train' has an object");
  }

  @Test
  void photosToMeasureOn_areKnownAgainAsLinksAndCopies() throws IOException {
    Path shared = SquaresFolder.make(folder.resolve("shared"), 4);
    Path photos = shared.resolve("JPEGImages");
    for (String other : List.of("copy", "link", "new")) {
      Files.copy(
          shared.resolve("Annotations/square00.xml"),
          shared.resolve("Annotations/" + other + ".xml"));
    }
    Files.copy(photos.resolve("square00.jpg"), photos.resolve("copy.jpg"));
    Files.createSymbolicLink(photos.resolve("link.jpg"), photos.resolve("square01.jpg"));
    byte[] changed = Files.readAllBytes(photos.resolve("square00.jpg"));
    // The units of JFIF's density, which no decoder minds.
    changed[13] ^= 1;
    Files.write(photos.resolve("new.jpg"), changed);
    Files.writeString(shared.resolve("ImageSets/Main/val.txt"), "copy\nlink\nnew\nsquare03\n");
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), shared, 1);

    assertThat(check(0, config)).contains("3 of 4 photos to measure on are learned from, too");
    List<String> told = new ArrayList<>();
    new TrainingRun(
        ConfigFile.read(config, List.of()), folder.resolve("run"), "none", false, told::add);
    assertThat(told)
        .contains("3 of 4 photos to measure on are learned from, too: the figures will flatter");
  }

  @Test
  void filesThatATrainingStartsFrom_areLookedFor() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("squares"), 4);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    assertThat(check(2, config, "from=nofile.onnx")).contains("from: there is no file nofile.onnx");
    assertThat(check(2, config, "teacher=nofile.onnx"))
        .contains("teacher: there is no file nofile.onnx");
  }

  /** What {@code --check} tells, on either stream. */
  private static String check(int expected, Path config, String... overrides) {
    List<String> arguments = new ArrayList<>(List.of(config.toString(), "--check"));
    arguments.addAll(List.of(overrides));
    StringWriter told = new StringWriter();
    int code =
        CommandEnd.of(new CommandLine(new TrainCommand()), _ -> false)
            .setOut(new PrintWriter(told, true))
            .setErr(new PrintWriter(told, true))
            .execute(arguments.toArray(String[]::new));
    assertThat(code).as(told.toString()).isEqualTo(expected);
    return told.toString();
  }
}
