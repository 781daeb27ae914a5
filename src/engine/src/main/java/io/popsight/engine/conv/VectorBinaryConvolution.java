package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;

/**
 * AND + popcount of spikes with masks of weights, then the planes' counts folded into sums. All
 * planes are counted in one pass, as if they were further output channels.
 */
final class VectorBinaryConvolution implements BinaryConvolution {

  private static final int LANES = INTS.length();

  private final ConvolutionShape shape;
  private final int onesFactor;
  private final int[] factors;
  private final WordCounts counts;

  VectorBinaryConvolution(ConvolutionShape shape, WeightPlanes weights) {
    this.shape = shape;
    this.onesFactor = weights.onesFactor();
    this.factors = weights.planes().stream().mapToInt(WeightPlanes.Plane::factor).toArray();
    this.counts = WordCounts.of(shape, weights, planesRoom());
  }

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    if (factors.length == 1) {
      shared(input, row, into.shared());
      counts.row(input, row, factors[0], into, into.values());
    } else {
      Arrays.fill(into.shared(), 0);
      counts.row(input, row, 1, into, into.counts());
      fold(into);
    }
  }

  @Override
  public int room() {
    return Math.addExact(planesRoom(), counts.room());
  }

  /** Room for counts that are still to be folded. */
  private int planesRoom() {
    int planes = factors.length;
    int row = Math.multiplyExact(shape.sumsPerPixel(), shape.output().columns());
    return planes == 1 ? 0 : Math.multiplyExact(row, planes);
  }

  /** {@code onesFactor * ones} of each window: the same for all output channels. */
  private void shared(BitMap input, int row, int[] shared) {
    int columns = shape.output().columns();
    int stride = shape.stride();
    int first = input.pixel(row * stride - shape.padding(), -shape.padding());
    int[] ones = input.ones();
    Arrays.fill(shared, 0, columns, 0);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      for (int kx = 0; kx < shape.kernel(); kx++) {
        int at = first + ky * input.rowPixels() + kx;
        if (stride == 1) {
          for (int column = 0; column < columns; column++) {
            shared[column] += onesFactor * ones[at + column];
          }
        } else {
          for (int column = 0; column < columns; column++) {
            shared[column] += onesFactor * ones[at + column * stride];
          }
        }
      }
    }
  }

  /** {@code sum = factors * counts}. */
  private void fold(RowSums into) {
    int[] from = into.counts();
    int[] sums = into.values();
    int perPixel = shape.sumsPerPixel();
    int planes = factors.length;
    for (int column = 0; column < shape.output().columns(); column++) {
      for (int c = 0; c < perPixel; c += LANES) {
        int at = column * planes * perPixel + c;
        IntVector sum = IntVector.fromArray(INTS, from, at).mul(factors[0]);
        for (int plane = 1; plane < planes; plane++) {
          sum = sum.add(IntVector.fromArray(INTS, from, at + plane * perPixel).mul(factors[plane]));
        }
        sum.intoArray(sums, column * perPixel + c);
      }
    }
  }
}
