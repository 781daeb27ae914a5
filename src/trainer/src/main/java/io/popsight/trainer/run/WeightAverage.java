package io.popsight.trainer.run;

import io.popsight.trainer.tensor.Parameters;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Exponential average of the trained tensors over the steps: it stands stiller than the weights
 * themselves, whose signs keep flipping.
 */
final class WeightAverage {

  private final Parameters parameters;
  private final double decay;
  private final SequencedMap<String, Tensor> averages = new LinkedHashMap<>();

  /**
   * An average that starts at the present weights.
   *
   * @param decay a step, near 1; 0 keeps no average
   */
  WeightAverage(Parameters parameters, double decay) {
    this.parameters = parameters;
    this.decay = decay;
    if (kept()) {
      parameters
          .trained()
          .forEach((name, tensor) -> averages.put(name, Parameters.keptCopy(tensor)));
    }
  }

  boolean kept() {
    return decay > 0;
  }

  /**
   * Takes the present weights in.
   *
   * @param step steps done, this one included: from 1; the first steps weigh more, so that the
   *     fresh weights are soon forgotten
   */
  void update(long step) {
    if (!kept()) {
      return;
    }
    double now = Math.min(decay, (1.0 + step) / (10.0 + step));
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      parameters
          .trained()
          .forEach(
              (name, tensor) ->
                  Objects.requireNonNull(averages.get(name))
                      .lerp_(tensor.detach(), new Scalar(1 - now)));
    }
  }

  /** The averages by name; empty when none are kept. */
  SequencedMap<String, Tensor> tensors() {
    return averages;
  }
}
