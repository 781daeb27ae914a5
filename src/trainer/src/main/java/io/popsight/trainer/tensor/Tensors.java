package io.popsight.trainer.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Tensors from Java arrays and back, and arithmetic with plain numbers. */
public final class Tensors {

  private static final int LANES = 16;

  private Tensors() {}

  /** A float tensor with a copy of the values. */
  public static Tensor of(float[] values, long... shape) {
    try (FloatPointer pointer = new FloatPointer(values)) {
      return torch.from_blob(pointer, shape, new TensorOptions(torch.ScalarType.Float)).clone();
    }
  }

  /** A tensor of unsigned bytes with a copy of the values. */
  public static Tensor ofBytes(byte[] values, long... shape) {
    try (BytePointer pointer = new BytePointer(values)) {
      return torch.from_blob(pointer, shape, new TensorOptions(torch.ScalarType.Byte)).clone();
    }
  }

  /** A vector of indices. */
  public static Tensor indices(long[] values) {
    try (LongPointer pointer = new LongPointer(values)) {
      return torch
          .from_blob(pointer, new long[] {values.length}, new TensorOptions(torch.ScalarType.Long))
          .clone();
    }
  }

  /** Truths to ones and zeros. */
  public static Tensor floats(Tensor truths) {
    return truths.to(torch.ScalarType.Float);
  }

  /** The values in row-major order. */
  public static float[] toArray(Tensor tensor) {
    Tensor dense = tensor.detach().cpu().to(torch.ScalarType.Float).contiguous();
    float[] values = new float[Math.toIntExact(dense.numel())];
    dense.data_ptr_float().get(values);
    return values;
  }

  /** The tensor, on the device of another. */
  public static Tensor beside(Tensor other, Tensor tensor) {
    return tensor.to(other.device(), tensor.scalar_type());
  }

  /** {@code tensor * factor}. */
  public static Tensor times(Tensor tensor, double factor) {
    return tensor.mul(new Scalar(factor));
  }

  /** {@code tensor + summand}. */
  public static Tensor plus(Tensor tensor, double summand) {
    return tensor.add(new Scalar(summand));
  }

  /**
   * Sums over some dimensions, which stay with a size of 1: float32, from sums that are rounded to
   * the tensor's own format once, at their end. Asking libtorch for float32 sums has it copy the
   * tensor first.
   */
  public static Tensor sum(Tensor tensor, long[] dimensions) {
    return floats(tensor.sum(dimensions, true, new ScalarTypeOptional()));
  }

  /** Mean of all values, as {@link #sum}. */
  public static Tensor mean(Tensor tensor) {
    return floats(tensor.mean());
  }

  /** Rows and columns of [N, C, H, W] twice: the nearest pixel. */
  public static Tensor upsampled(Tensor map) {
    long[] sides = {2 * map.size(2), 2 * map.size(3)};
    return torch.upsample_nearest2d(map, sides, new DoubleOptional(), new DoubleOptional());
  }

  /** Clamped to [low, high]; the gradient is zero outside. */
  public static Tensor clamp(Tensor tensor, double low, double high) {
    return tensor.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
  }

  /**
   * Clamped to [low, high]; the gradient is zero outside and at both ends. For large maps: its
   * gradient is one pass through memory, that of {@link #clamp} is five.
   */
  public static Tensor clipped(Tensor tensor, double low, double high) {
    return torch.hardtanh(tensor, new Scalar(low), new Scalar(high));
  }

  /**
   * The value of {@code value}, to the bit, with the gradient of {@code slope}: a straight-through
   * estimator (Bengio et al., 2013).
   */
  public static Tensor straightThrough(Tensor value, Tensor slope) {
    return withSlope(value.detach(), slope);
  }

  /** The value of {@code value}, with the gradient of {@code slope} beside its own. */
  public static Tensor withSlope(Tensor value, Tensor slope) {
    return value.add(slope.sub(slope.detach()));
  }

  /**
   * The convolution of [N, in, H, W] with [out, in, k, k], zeros around the map, in the tensors'
   * own number format; depthwise with [in, 1, k, k].
   */
  public static Tensor convolved(Tensor input, Tensor weights, int stride) {
    long out = weights.size(0);
    boolean depthwise = weights.size(1) < input.size(1);
    Tensor map = channels(input, 1);
    long[] strides = {stride, stride};
    long[] padding = {weights.size(2) / 2, weights.size(3) / 2};
    Tensor sums =
        torch.conv2d(
            map,
            channels(depthwise ? weights : channels(weights, 1), 0),
            new TensorOptional(),
            strides,
            padding,
            new long[] {1, 1},
            depthwise ? map.size(1) : 1);
    return sums.size(1) == out ? sums : sums.narrow(1, 0, out);
  }

  /**
   * Fills a dimension of channels with zeros up to a multiple of 16. Past 16, oneDNN's AVX-512
   * convolution (libtorch 2.10) reads beyond the memory of other numbers of channels, forwards and
   * backwards: what stands there comes into the sums.
   */
  private static Tensor channels(Tensor tensor, int dimension) {
    long n = tensor.size(dimension);
    if (n <= LANES || n % LANES == 0) {
      return tensor;
    }
    long missing = LANES - n % LANES;
    return torch.constant_pad_nd(
        tensor,
        dimension == 1
            ? new long[] {0, 0, 0, 0, 0, missing}
            : new long[] {0, 0, 0, 0, 0, 0, 0, missing},
        new Scalar(0.0));
  }

  /**
   * Ones where {@code values} reach {@code thresholds}, zeros elsewhere, with the gradient of
   * {@code slope}.
   *
   * @param slope made by an operation that does not need its own result for the gradient; its
   *     values are overwritten, which spares a large map three passes through memory
   */
  public static Tensor steps(Tensor values, Tensor thresholds, Tensor slope) {
    try (NoGradGuard _ = new NoGradGuard()) {
      torch.ge_out(slope.variable_data(), values, thresholds);
    }
    return slope;
  }
}
