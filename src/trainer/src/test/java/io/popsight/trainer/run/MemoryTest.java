package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native memory is freed step by step: what a step forgets, a long run dies of. */
class MemoryTest {

  private static final int STEPS_AN_EPOCH = 4;

  @TempDir private Path folder = Path.of("");

  @Test
  void residentMemory_staysFlatOverFiveHundredSteps() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("squares"), 16);
    Path file = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    learn(file, 50);
    long before = resident();

    learn(file, 500);

    // The maps and gradients of a step take about 3 MiB: kept ones would make more than a gigabyte.
    assertThat(resident() - before).isLessThan(100L << 20);
  }

  private void learn(Path file, int steps) throws IOException {
    TrainConfig config =
        TrainConfig.read(file, List.of("epochs=%d".formatted(steps / STEPS_AN_EPOCH)));
    TrainingRun run =
        new TrainingRun(config, folder.resolve("run" + steps), "unknown", problem -> {});
    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress("memory", run.steps())) {
      run.run(false, interruption, progress);
    }
  }

  private static long resident() {
    System.gc();
    return Pointer.physicalBytes();
  }
}
