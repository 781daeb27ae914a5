package io.popsight.model;

/**
 * Integer weights of a convolution, layout [out][in][row][column]; square kernels. Where channels
 * are parted into groups, in are those of one.
 */
public final class Weights {

  private final int outChannels;
  private final int inChannels;
  private final int kernel;
  private final byte[] values;
  private final int bits;

  /**
   * Copies the values.
   *
   * @throws ModelRefusedException if the kernel is over 7, channels are over 4096, or the sizes do
   *     not multiply up to the values' number
   */
  public Weights(int outChannels, int inChannels, int kernel, byte[] values) {
    if (outChannels < 1
        || inChannels < 1
        || kernel < 1
        || kernel > 7
        || outChannels > ModelMetadata.MAX_SIDE
        || inChannels > ModelMetadata.MAX_SIDE
        || (long) outChannels * inChannels * kernel * kernel != values.length) {
      throw new ModelRefusedException(
          "weights of %dx%dx%dx%d (out, in, rows, columns; kernels up to 7x7) with %d values"
              .formatted(outChannels, inChannels, kernel, kernel, values.length));
    }
    this.outChannels = outChannels;
    this.inChannels = inChannels;
    this.kernel = kernel;
    this.values = values.clone();
    this.bits = narrowest(values);
  }

  /** Output channels. */
  public int outChannels() {
    return outChannels;
  }

  /** Input channels. */
  public int inChannels() {
    return inChannels;
  }

  /** Side of the square kernel. */
  public int kernel() {
    return kernel;
  }

  /** One weight. */
  public int at(int out, int in, int row, int column) {
    return values[((out * inChannels + in) * kernel + row) * kernel + column];
  }

  /** The narrowest width that holds every weight: 1 (-1, +1), 2 (-1, 0, +1), 4 (-7..7) or 8. */
  public int bits() {
    return bits;
  }

  /** A copy, layout [out][in][row][column]. */
  public byte[] toArray() {
    return values.clone();
  }

  /** The same for all channels of {@code groups} groups: zeros where one does not read another. */
  public Weights overGroups(int groups) {
    int window = kernel * kernel;
    int own = inChannels * window;
    byte[] all = new byte[Math.multiplyExact(values.length, groups)];
    for (int out = 0; out < outChannels; out++) {
      int group = out / (outChannels / groups);
      System.arraycopy(values, out * own, all, (out * groups + group) * own, own);
    }
    return new Weights(outChannels, inChannels * groups, kernel, all);
  }

  /** Sum of the positive weights of an output channel: the largest sum over binary inputs. */
  public int positiveSum(int out) {
    int sum = 0;
    int window = inChannels * kernel * kernel;
    for (int i = out * window; i < (out + 1) * window; i++) {
      sum += Math.max(values[i], 0);
    }
    return sum;
  }

  /** Sum of the negative weights of an output channel: the smallest sum over binary inputs. */
  public int negativeSum(int out) {
    int sum = 0;
    int window = inChannels * kernel * kernel;
    for (int i = out * window; i < (out + 1) * window; i++) {
      sum += Math.min(values[i], 0);
    }
    return sum;
  }

  private static int narrowest(byte[] values) {
    boolean zero = false;
    int largest = 0;
    for (byte value : values) {
      zero |= value == 0;
      largest = Math.max(largest, Math.abs(value));
    }
    if (largest <= 1) {
      return zero ? 2 : 1;
    }
    return largest <= 7 ? 4 : 8;
  }
}
