package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Integer weights with one positive scale an output channel, trained through a straight-through
 * estimator over latent floats [out, in, k, k].
 */
final class QuantizedWeights {

  /** Ending of the names of latent weights of one bit. */
  static final String BINARY = ".binary";

  /** Latent weights of one bit learn only up to this magnitude. */
  static final double LATENT_LIMIT = 1.5;

  /**
   * Deviation of fresh latent weights of one bit. Adam moves a weight by about the learning rate a
   * step, so this says how many steps in one direction flip a sign; 0.5 learned half as fast.
   */
  private static final double BINARY_DEVIATION = 0.05;

  private static final int SYMMETRIC_8 = 127;

  private final Tensor latent;
  private final int bits;

  QuantizedWeights(Parameters parameters, String name, int out, int in, int kernel, int bits) {
    if (bits != 1 && bits != 8) {
      throw new IllegalArgumentException(name + ": weights have 1 or 8 bits, not " + bits);
    }
    this.bits = bits;
    double deviation = bits == 1 ? BINARY_DEVIATION : Math.sqrt(2.0 / (in * kernel * kernel));
    this.latent =
        parameters.train(
            name + (bits == 1 ? BINARY : ".weight"),
            Tensors.times(torch.randn(out, in, kernel, kernel), deviation));
  }

  /** Integers times scales, with the estimator's gradient. */
  Tensor effective() {
    Tensor value = integers().mul(scales());
    return bits == 1
        ? Tensors.straightThrough(value, Tensors.clamp(latent, -LATENT_LIMIT, LATENT_LIMIT))
        : Tensors.straightThrough(value, latent);
  }

  /** Whole numbers: -1 and +1, or -127 to 127. */
  Tensor integers() {
    try (NoGradGuard _ = new NoGradGuard()) {
      if (bits == 1) {
        Tensor positive = latent.ge(new Scalar(0.0)).to(torch.ScalarType.Float);
        return Tensors.plus(Tensors.times(positive, 2), -1);
      }
      return latent.div(scales()).round();
    }
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

  /** Scale an output channel, [out, 1, 1, 1]. */
  Tensor scales() {
    try (NoGradGuard _ = new NoGradGuard()) {
      long[] window = {1, 2, 3};
      return bits == 1
          ? latent.abs().mean(window, true, new org.bytedeco.pytorch.ScalarTypeOptional())
          : Tensors.times(latent.abs().amax(window, true), 1.0 / SYMMETRIC_8)
              .clamp_min(new Scalar(1e-12));
    }
  }
}
