package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Ctrl-C at any time: what was learnt is on the disk, and the run goes on from there. */
class InterruptionTest {

  @TempDir private Path folder;

  /** As with ten photos of one's own: the step that is waited for is also the epoch's last. */
  @Test
  void epochOfOneStep_isTheLastOnceAsked() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("data"), 4);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 50);
    TrainingRun run =
        new TrainingRun(
            ConfigFile.read(config, List.of("batch=16")),
            folder.resolve("run"),
            "none",
            false,
            p -> {});

    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress("squares", run.steps())) {
      interruption.ask();

      assertThat(run.run(interruption, progress)).isEmpty();
    }

    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl"))).hasSize(1);
    assertThat(folder.resolve("run/checkpoint.pt")).isNotEmptyFile();
  }

  @Test
  void runStoppedWithinAnEpoch_endsInTheSameFile_withTheSameHistory() throws Exception {
    Path data = SquaresFolder.make(folder.resolve("data"), 16);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 12);
    Path whole = folder.resolve("whole");
    Path broken = folder.resolve("broken");
    train(config, whole).waitFor();

    Process stopped = train(config, broken);
    assertStops(stopped, broken.resolve("metrics.jsonl"));
    assertThat(broken.resolve("squares.onnx")).doesNotExist();
    train(config, broken, "--resume").waitFor();

    assertThat(broken.resolve("squares.onnx"))
        .hasSameBinaryContentAs(whole.resolve("squares.onnx"));
    List<JsonNode> expected = new RunLog(whole.resolve("metrics.jsonl")).epochs();
    List<JsonNode> epochs = new RunLog(broken.resolve("metrics.jsonl")).epochs();
    assertThat(epochs).hasSize(12);
    for (int e = 0; e < epochs.size(); e++) {
      assertThat(epochs.get(e).get("loss").asDouble())
          .as("epoch %d", e + 1)
          .isCloseTo(expected.get(e).get("loss").asDouble(), within(1e-9));
    }
  }

  /** Nothing is left to be saved then; the process need not wait for the evaluation's end. */
  @Test
  void runStoppedInItsFinalEvaluation_isMeasuredWhenResumed() throws Exception {
    Path data = SquaresFolder.make(folder.resolve("data"), 16);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    Path run = folder.resolve("run");

    Process stopped = train(config, run);
    // The first thing that is written behind the last epoch.
    assertStops(stopped, run.resolve("squares.onnx"));
    assertThat(run.resolve("report.html")).doesNotExist();
    Process resumed = train(config, run, "--resume");

    assertThat(resumed.waitFor()).isZero();
    assertThat(run.resolve("report.html")).isNotEmptyFile();
  }

  private void assertStops(Process process, Path behind) throws Exception {
    while (process.isAlive() && !Files.exists(behind)) {
      Thread.sleep(5);
    }
    process.destroy();
    int code = process.waitFor();
    String told = Files.readString(folder.resolve("log"));
    assertThat(code).as(told).isPositive();
    assertThat(told).contains("Stopped and saved. Go on with the same command and --resume");
  }

  /** The same process as a person would press Ctrl-C in. */
  private Process train(Path config, Path out, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.popsight.trainer.TrainerCommands",
                "train",
                config.toString(),
                "--out",
                out.toString()));
    command.addAll(List.of(options));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }
}
