package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptionTest {

  @TempDir private Path folder;

  /** As with ten photos of one's own: the step that is waited for is also the epoch's last. */
  @Test
  void epochOfOneStep_isTheLastOnceAsked() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("data"), 4);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 50);
    TrainingRun run =
        new TrainingRun(
            TrainConfig.read(config, List.of("batch=16")), folder.resolve("run"), "none", p -> {});

    try (Interruption interruption = new Interruption();
        Progress progress = new Progress("squares", run.steps())) {
      interruption.ask();

      assertThat(run.run(false, interruption, progress)).isEmpty();
    }

    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl"))).hasSize(1);
    assertThat(folder.resolve("run/checkpoint.pt")).isNotEmptyFile();
  }
}
