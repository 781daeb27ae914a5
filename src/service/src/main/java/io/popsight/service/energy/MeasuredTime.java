package io.popsight.service.energy;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detector;
import io.popsight.model.ModelFile;
import java.util.Arrays;
import java.util.Random;

/** What the clock says of a network, to be held beside what the accounting says. */
public final class MeasuredTime {

  private static final int WARM_UP = 60;
  private static final int RUNS = 41;

  private MeasuredTime() {}

  /** Median of the network alone on the popcount backend, one core, random pixels. */
  public static double milliseconds(ModelFile file) {
    try (CompiledModel compiled =
        Backends.installed().open("popcount", BackendSettings.DEFAULT).compile(file)) {
      Detector detector = new Detector(compiled);
      Scratch scratch = detector.newScratch(1);
      new Random(1).nextBytes(scratch.pixels());
      long[] nanos = new long[RUNS];
      for (int i = -WARM_UP; i < RUNS; i++) {
        long start = System.nanoTime();
        detector.infer(scratch, 1);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - start;
        }
      }
      Arrays.sort(nanos);
      return nanos[RUNS / 2] / 1e6;
    }
  }
}
