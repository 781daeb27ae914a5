package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on the disk of a run, and what happens to it when the run cannot go on. */
class CheckpointTest {

  @TempDir private Path folder = Path.of("");
  private Path config = Path.of("");
  private Path checkpoint = Path.of("");

  @BeforeEach
  void trainOneEpoch() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("squares"), 16);
    config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    checkpoint = folder.resolve("run/checkpoint.pt");
    train("run", false);
  }

  @Test
  void divergingTraining_stopsAtTheStep_withTheLayer_andKeepsTheCheckpoint() throws IOException {
    byte[] good = Files.readAllBytes(checkpoint);

    assertThatThrownBy(() -> train("run", true, "epochs=9", "learningRate=1e30"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "epoch 2: the loss is .*'[a-z0-9.]+'; the last good state is .*checkpoint.pt.*");
    assertThat(checkpoint).hasBinaryContent(good);
  }

  @Test
  void placeThatCannotBeWrittenTo_isTold_andTheCheckpointBeforeStands() throws IOException {
    byte[] good = Files.readAllBytes(checkpoint);
    Files.createDirectory(folder.resolve("run/checkpoint.pt.part"));

    assertThatThrownBy(() -> train("run", true, "epochs=2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checkpoint.pt cannot be written, the one before stands. Free there");
    assertThat(checkpoint).hasBinaryContent(good);
  }

  /** libtorch's own file writer ends the process here. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "/dev/full is Linux's disk without room")
  void fullDisk_isTold_andTheCheckpointBeforeStands() throws IOException {
    byte[] good = Files.readAllBytes(checkpoint);
    Path part = folder.resolve("run/checkpoint.pt.part");
    Files.createSymbolicLink(part, Path.of("/dev/full"));

    assertThatThrownBy(() -> train("run", true, "epochs=2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checkpoint.pt cannot be written, the one before stands. Free there");
    assertThat(checkpoint).hasBinaryContent(good);
    assertThat(part).doesNotExist();
  }

  @Test
  void checkpointOfAnotherNetwork_isRefused_andTheRunsKeysStay() throws IOException {
    assertThatThrownBy(() -> train("run", true, "epochs=2", "network.neck=24"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("checkpoint.pt is of another network: neck")
        .hasMessageContaining("[24, 16, 1, 1] in this run");
    assertThat(folder.resolve("run/config.yaml")).content().contains("neck: 16");
  }

  @Test
  void soup_isTheMeanOfRuns_andWhatIsExported() throws IOException {
    train("on", false, "from=" + checkpoint, "soup=[" + checkpoint + "]", "seed=2");

    assertThat(folder.resolve("on/squares.md"))
        .content()
        .contains("Exported: mean of 2 runs' weights, statistics re-estimated;");
  }

  @Test
  void soupOfAnotherNetwork_isRefusedBeforeTheRun() {
    assertThatThrownBy(() -> train("other", false, "network.neck=24", "soup=[" + checkpoint + "]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("checkpoint.pt is of another network: average/neck");
    assertThatThrownBy(() -> train("other", false, "soup=[nowhere.pt]"))
        .hasMessage("soup: there is no file nowhere.pt");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void whatIsNoCheckpoint_isRefused_andNothingIsMade() throws IOException {
    Path junk = Files.writeString(folder.resolve("junk.pt"), "junk");

    assertThatThrownBy(() -> train("other", true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no checkpoint");
    assertThatThrownBy(() -> train("other", false, "from=" + junk))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(".*junk.pt is no checkpoint: .*");
    assertThatThrownBy(() -> train("other", false, "from=nowhere.pt"))
        .hasMessage("from: there is no file nowhere.pt");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  /** A run that is replaced has none, until its own first epoch is whole. */
  @Test
  void replacedRun_leavesNoCheckpoint() {
    assertThatThrownBy(() -> train("run", false, "learningRate=1e30"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no epoch was whole, so there is no checkpoint");
    assertThat(checkpoint).doesNotExist();
  }

  /** As a full disk or a lost machine leaves it. */
  @Test
  void halfALineOfTheLog_isCutOff() throws IOException {
    Path log = folder.resolve("run/metrics.jsonl");
    String epoch = Files.readAllLines(log).getFirst() + "\n";
    Files.writeString(log, "{\"epoch\":", StandardOpenOption.APPEND);

    train("run", true, "epochs=2");

    assertThat(log).content().startsWith(epoch).doesNotContain("{\"epoch\":{");
    assertThat(folder.resolve("run/report.html")).isNotEmptyFile();
  }

  /** Blue squares are of one class, yellow ones of as many as there. */
  @ParameterizedTest
  @CsvSource({"checkpoint.pt, blue, 6", "checkpoint.pt, yellow, 6", "squares.onnx, blue, 3"})
  void headsOfOtherClasses_startAfresh(String file, String colour, int tensors) throws IOException {
    Path others = SquaresFolder.make(folder.resolve("others"), 4, colour);
    List<String> fresh = new ArrayList<>();

    new TrainingRun(
        ConfigFile.read(
            config, List.of("data.dir=" + others, "from=" + folder.resolve("run").resolve(file))),
        folder.resolve("second"),
        "none",
        false,
        fresh::add);

    assertThat(fresh)
        .filteredOn(line -> line.contains(" is "))
        .hasSize(tensors)
        .allMatch(
            line ->
                line.matches(".*: head(8|16|32)(\\.weight|\\.bias|) is of other classes there"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint.pt", "squares.onnx"})
  void fileOfWhichNothingFits_isNotStartedFrom(String file) {
    String from = folder.resolve("run").resolve(file).toString();

    assertThatThrownBy(
            () ->
                train(
                    "other",
                    false,
                    "from=" + from,
                    "network.widths=[4,8,8,8,8]",
                    "network.neck=8",
                    "preset=nano"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("from: nothing in " + from + " fits this run's network, of ")
        .hasMessageContaining("network.widths=[4, 8, 8, 8, 8] (preset=nano): stem")
        .hasMessageContaining(" is 8 wide there and 4 in this run; ");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"checkpoint.pt, .binary", "squares.onnx, ''"})
  void layersOfAnotherShape_areToldApartFromThoseThatAreNotThere(String file, String weights)
      throws IOException {
    String from = folder.resolve("run").resolve(file).toString();
    List<String> fresh = new ArrayList<>();

    new TrainingRun(
        ConfigFile.read(
            config,
            List.of("from=" + from, "network.widths=[8,16,16,16,24]", "network.units=[1,1,2,1]")),
        folder.resolve("second"),
        "none",
        false,
        fresh::add);

    assertThat(fresh)
        .contains(
            from + ": stage3.unit2" + weights + " is not there",
            from + ": stage4.down" + weights + " is 16 wide there and 24 in this run")
        .noneMatch(line -> line.contains("stem") || line.contains("stage1"));
  }

  @Test
  void fewerEpochsThanAreDone_areRefused_andNothingIsWritten() throws IOException {
    train("run", true, "epochs=3");
    byte[] keys = Files.readAllBytes(folder.resolve("run/config.yaml"));
    byte[] card = Files.readAllBytes(folder.resolve("run/squares.md"));

    assertThatThrownBy(() -> train("run", true, "epochs=2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epochs 2; checkpoint.pt stands at the end of epoch 3, so at least 3");
    assertThat(folder.resolve("run/config.yaml")).hasBinaryContent(keys);
    assertThat(folder.resolve("run/squares.md")).hasBinaryContent(card);
  }

  @Test
  void finishedRun_isExportedAnew_andEndsOnceInItsHistory() throws IOException {
    Path log = folder.resolve("run/metrics.jsonl");
    List<String> before = Files.readAllLines(log);

    List<String> told = train("run", true, "minScore=0.25");

    assertThat(told)
        .contains(
            "epoch 1 is the last and done: the model is exported anew; to learn on, give more epochs");
    assertThat(Files.readAllLines(log))
        .hasSize(4)
        .startsWith(before.getFirst())
        .last()
        .asString()
        .contains("\"min_score\":0.25");
  }

  @Test
  void runThatLearnsOn_endsOnceInItsHistory() throws IOException {
    train("run", true, "epochs=2");

    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl")))
        .hasSize(5)
        .filteredOn(line -> line.startsWith("{\"epoch\":"))
        .hasSize(2);
  }

  @Test
  void resumedRun_asksNoMoreForWhatItStartedFrom() throws IOException {
    Path first = Files.copy(checkpoint, folder.resolve("first.pt"));
    Path others = SquaresFolder.make(folder.resolve("others"), 4, "yellow");
    String[] keys = {"data.dir=" + others, "from=" + first};
    assertThat(train("second", false, keys)).anyMatch(line -> line.contains("other classes"));
    Files.delete(first);

    assertThat(train("second", true, keys)).noneMatch(line -> line.contains("other classes"));
  }

  /** Returns what was told. */
  private List<String> train(String run, boolean resume, String... overrides) throws IOException {
    List<String> told = new ArrayList<>();
    TrainingRun training =
        new TrainingRun(
            ConfigFile.read(config, List.of(overrides)),
            folder.resolve(run),
            "none",
            resume,
            told::add);
    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress(run, training.steps())) {
      training.run(interruption, progress);
    }
    return told;
  }
}
