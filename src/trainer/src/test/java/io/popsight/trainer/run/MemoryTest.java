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

  private static final int STEPS = 100;
  private static final int STEPS_AN_EPOCH = 4;

  @TempDir private Path folder = Path.of("");

  @Test
  void residentMemory_staysFlatOverFiveHundredSteps() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("squares"), 16);
    Path file = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    learn(file, "warm", STEPS);
    double[] resident = new double[6];
    resident[0] = resident();

    for (int i = 1; i < resident.length; i++) {
      learn(file, "run" + i, STEPS);
      resident[i] = resident();
    }

    // The maps and gradients of a step take about 3 MiB: kept ones would make a slope of as much.
    assertThat(slope(resident) / STEPS).as("bytes a step").isLessThan(200 << 10);
  }

  /** Of the line that fits values at 0, 1, 2 and so on best. */
  private static double slope(double[] values) {
    double middle = (values.length - 1) / 2.0;
    double products = 0;
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      products += (i - middle) * values[i];
      squares += (i - middle) * (i - middle);
    }
    return products / squares;
  }

  private void learn(Path file, String run, int steps) throws IOException {
    TrainConfig config =
        ConfigFile.read(file, List.of("epochs=%d".formatted(steps / STEPS_AN_EPOCH)));
    TrainingRun training =
        new TrainingRun(config, folder.resolve(run), "unknown", false, problem -> {});
    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress("memory", training.steps())) {
      training.run(interruption, progress);
    }
  }

  private static long resident() {
    System.gc();
    return Pointer.physicalBytes();
  }
}
