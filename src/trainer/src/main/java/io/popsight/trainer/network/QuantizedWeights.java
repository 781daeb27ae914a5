package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Integer weights with one positive scale an output channel, trained through a straight-through
 * estimator (Bengio et al., 2013) over latent floats [out, in, k, k].
 */
final class QuantizedWeights {

  /** Ending of the names of latent weights of one bit. */
  static final String BINARY = ".binary";

  /** Endings of the names of latent weights: the same weights, of other widths. */
  static final List<String> LATENT = List.of(BINARY, ".ternary", ".weight");

  /** Latent weights of one bit learn only up to this magnitude. */
  static final double LATENT_LIMIT = 1.5;

  /**
   * Deviation of fresh latent weights of one bit. Adam moves a weight by about the learning rate a
   * step, so this says how many steps in one direction flip a sign; 0.5 learned half as fast.
   */
  private static final double BINARY_DEVIATION = 0.05;

  /** Ternary weights are zero below this share of the mean magnitude (Li, Liu, TWN, 2016). */
  private static final double TERNARY_CUT = 0.7;

  private static final double SMALLEST_SCALE = 1e-12;
  private static final long[] WINDOW = {1, 2, 3};

  private final Tensor latent;
  private final WeightBits bits;

  QuantizedWeights(
      Parameters parameters, String name, int out, int in, int kernel, WeightBits bits) {
    this.bits = bits;
    double deviation =
        bits.bits() <= 2 ? BINARY_DEVIATION : Math.sqrt(2.0 / (in * kernel * kernel));
    this.latent =
        parameters.train(
            name + LATENT.get(bits == WeightBits.ONE ? 0 : bits == WeightBits.TERNARY ? 1 : 2),
            Tensors.times(torch.randn(out, in, kernel, kernel), deviation));
  }

  /** Multiplies the weights of each output channel by a positive factor, [out]. */
  void multiplyRows(Tensor factors) {
    latent.copy_(latent.mul(factors.reshape(-1, 1, 1, 1)));
  }

  /** Integers times scales, with the estimator's gradient. */
  Tensor effective() {
    if (bits == WeightBits.FLOAT) {
      return latent;
    }
    Tensor value = integers().mul(scales());
    return bits == WeightBits.ONE
        ? Tensors.straightThrough(value, Tensors.clamp(latent, -LATENT_LIMIT, LATENT_LIMIT))
        : Tensors.straightThrough(value, latent);
  }

  /** Whole numbers: -1 and +1; -1, 0 and +1; or symmetric up to 7 or 127. */
  Tensor integers() {
    try (NoGradGuard _ = new NoGradGuard()) {
      return switch (bits) {
        case ONE -> Tensors.plus(Tensors.times(Tensors.floats(latent.ge(new Scalar(0.0))), 2), -1);
        case TERNARY -> latent.sign().mul(kept());
        case FOUR, EIGHT -> latent.div(scales()).round();
        case FLOAT -> throw new IllegalStateException("float weights are no integers");
      };
    }
  }

  /** Ones where a ternary weight is not zero. */
  private Tensor kept() {
    return Tensors.floats(latent.abs().gt(Tensors.times(meanMagnitude(), TERNARY_CUT)));
  }

  private Tensor meanMagnitude() {
    return latent.abs().mean(WINDOW, true, new ScalarTypeOptional());
  }

  /** Their width. */
  WeightBits bits() {
    return bits;
  }

  /** Weights that are float, in an array. */
  float[] floatArray() {
    if (bits.integer()) {
      throw new IllegalStateException("weights of %s bits are integers".formatted(bits.text()));
    }
    return Tensors.toArray(latent);
  }

  /** {@link #integers} in an array. */
  byte[] integerArray() {
    float[] values = Tensors.toArray(integers());
    byte[] integers = new byte[values.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (byte) values[i];
    }
    return integers;
  }

  /**
   * Scale an output channel, [out, 1, 1, 1]; one bit: the mean magnitude (Rastegari et al.,
   * "XNOR-Net", ECCV 2016); ternary: that of the kept weights; float: 1.
   */
  Tensor scales() {
    try (NoGradGuard _ = new NoGradGuard()) {
      return switch (bits) {
        case ONE -> meanMagnitude();
        case TERNARY -> {
          Tensor kept = kept();
          Tensor sum = latent.abs().mul(kept).sum(WINDOW, true, new ScalarTypeOptional());
          Tensor count = kept.sum(WINDOW, true, new ScalarTypeOptional());
          yield sum.div(count.clamp_min(new Scalar(1.0))).clamp_min(new Scalar(SMALLEST_SCALE));
        }
        case FOUR, EIGHT ->
            Tensors.times(latent.abs().amax(WINDOW, true), 1.0 / ((1 << (bits.bits() - 1)) - 1))
                .clamp_min(new Scalar(SMALLEST_SCALE));
        case FLOAT -> latent.new_ones(latent.size(0), 1, 1, 1);
      };
    }
  }
}
