package io.popsight.trainer.run;

import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.tensor.Parameters;
import java.util.Comparator;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Stops a run at the step whose loss says that no later one will mend it. */
final class LossGuard {

  /** Far beyond what augmentation or a hard batch makes of a loss. */
  private static final double EXPLOSION = 1000;

  private static final double SLOW = 0.05;
  private static final int TRUSTED_AFTER = 10;

  private final Parameters parameters;
  private double usual;
  private int steps;

  LossGuard(Parameters parameters) {
    this.parameters = parameters;
  }

  /**
   * Looks at a step's loss before the weights learn from it.
   *
   * @throws DivergedException naming the layer
   */
  void check(double loss, SpikingDetector.Output output) {
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "the loss is %s; the first layer that is not finite is '%s'"
              .formatted(loss, firstNotFinite(output)));
    }
    if (steps >= TRUSTED_AFTER && loss > EXPLOSION * usual) {
      throw new DivergedException(
          "the loss is %.3g, it was about %.3g; the largest weights are in '%s'"
              .formatted(loss, usual, largest()));
    }
    usual = steps == 0 ? loss : usual + Math.max(SLOW, 1.0 / (steps + 1)) * (loss - usual);
    steps++;
  }

  private String firstNotFinite(SpikingDetector.Output output) {
    String weights = parameters.firstNotFinite();
    if (!weights.isEmpty()) {
      return weights;
    }
    try (NoGradGuard _ = new NoGradGuard()) {
      return output.maps().entrySet().stream()
          .filter(e -> !torch.isfinite(e.getValue()).all().item_bool())
          .map(Map.Entry::getKey)
          .findFirst()
          .orElse("the loss itself");
    }
  }

  private String largest() {
    try (NoGradGuard _ = new NoGradGuard()) {
      return parameters.trained().entrySet().stream()
          .max(Comparator.comparingDouble(e -> magnitude(e.getValue())))
          .map(Map.Entry::getKey)
          .orElse("");
    }
  }

  private static double magnitude(Tensor tensor) {
    return tensor.detach().abs().max().item_float();
  }
}
