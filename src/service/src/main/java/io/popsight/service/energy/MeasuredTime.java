package io.popsight.service.energy;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.PlanStep;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detector;
import io.popsight.model.ModelFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What the clock says of a network, to be held beside what the accounting says: medians on one
 * core, random pixels.
 *
 * @param backend that it was measured on: popcount, or onnx where popcount refuses the file
 * @param milliseconds of the network alone
 * @param steps of the plan, in order; empty where the backend does not tell them apart
 */
public record MeasuredTime(String backend, double milliseconds, List<TimedStep> steps) {

  private static final int WARM_UP = 60;
  private static final int RUNS = 41;

  /**
   * A step of the plan.
   *
   * @param step what it does
   * @param milliseconds that it takes
   */
  public record TimedStep(PlanStep step, double milliseconds) {}

  /** Measures a file. */
  public static MeasuredTime of(ModelFile file) {
    String backend = file.network() instanceof ModelFile.Network.Typed ? "popcount" : "onnx";
    try (CompiledModel compiled =
        Backends.installed().open(backend, BackendSettings.DEFAULT).compile(file)) {
      Detector detector = new Detector(compiled);
      Scratch scratch = detector.newScratch(1);
      new Random(1).nextBytes(scratch.pixels());
      List<PlanStep> steps = compiled.steps();
      long[] whole = new long[RUNS];
      long[][] parts = new long[steps.size()][RUNS];
      for (int i = -WARM_UP; i < RUNS; i++) {
        long start = System.nanoTime();
        detector.infer(scratch, 1);
        long took = System.nanoTime() - start;
        long[] nanos = new long[steps.size()];
        if (!steps.isEmpty()) {
          compiled.profile(scratch, nanos);
        }
        if (i >= 0) {
          whole[i] = took;
          for (int s = 0; s < nanos.length; s++) {
            parts[s][i] = nanos[s];
          }
        }
      }
      List<TimedStep> timed = new ArrayList<>();
      for (int s = 0; s < steps.size(); s++) {
        timed.add(new TimedStep(steps.get(s), median(parts[s])));
      }
      return new MeasuredTime(backend, median(whole), List.copyOf(timed));
    }
  }

  private static double median(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e6;
  }
}
