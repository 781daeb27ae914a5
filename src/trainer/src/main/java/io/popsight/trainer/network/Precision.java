package io.popsight.trainer.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Number format of the convolutions, the stem's included and the heads' not, while training. Files
 * are exact with either.
 */
public enum Precision {
  /** 24 bits of mantissa: integer sums are exact. */
  @JsonProperty("float32")
  FLOAT32,
  /**
   * 8 bits of mantissa: spikes, pixels less 128 and weights of one bit and ternary ones are exact
   * up to their channel's scale; wider weights, potentials (half as many bytes to move) and
   * gradients are rounded. Twice as fast where the processor multiplies it, slower elsewhere.
   */
  @JsonProperty("bfloat16")
  BFLOAT16;

  /** The convolution of a map, in this format, and so are its sums. */
  Tensor convolve(Tensor input, Tensor weights, int stride) {
    return Tensors.convolved(in(input), in(weights), stride);
  }

  private Tensor in(Tensor values) {
    return this == FLOAT32 ? values : values.to(torch.ScalarType.BFloat16);
  }
}
