package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * A channel a lane: the bits of a word are the mask under which weights are added. Weights of any
 * width take the same time.
 */
final class VectorDepthwiseConvolution implements BinaryConvolution {

  private static final int LANES = INTS.length();

  /** The bit of each lane; comparing makes masks on every machine, fromLong only with AVX-512. */
  private static final IntVector BITS =
      IntVector.broadcast(INTS, 1).lanewise(VectorOperators.LSHL, IntVector.zero(INTS).addIndex(1));

  private final ConvolutionShape shape;

  /** Layout [row][column][sumsPerPixel], zero behind the last channel. */
  private final int[] weights;

  VectorDepthwiseConvolution(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    int kernel = shape.kernel();
    this.weights = new int[kernel * kernel * shape.sumsPerPixel()];
    for (int tap = 0; tap < kernel * kernel; tap++) {
      for (int c = 0; c < weights.outChannels(); c++) {
        this.weights[tap * shape.sumsPerPixel() + c] = weights.at(c, 0, tap / kernel, tap % kernel);
      }
    }
  }

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    int[] data = input.data();
    int perPixel = shape.sumsPerPixel();
    int kernel = shape.kernel();
    int words = input.words();
    int below = input.rowWords() - kernel * words;
    int first = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    for (int column = 0; column < shape.output().columns(); column++) {
      int corner = first + column * shape.stride() * words;
      for (int c = 0; c < perPixel; c += LANES) {
        IntVector sum = IntVector.zero(INTS);
        int at = corner + c / BitMap.WORD;
        int weight = c;
        for (int ky = 0; ky < kernel; ky++) {
          for (int kx = 0; kx < kernel; kx++) {
            VectorMask<Integer> fired = BITS.and(data[at] >>> c).compare(VectorOperators.NE, 0);
            sum = sum.add(IntVector.fromArray(INTS, weights, weight), fired);
            at += words;
            weight += perPixel;
          }
          at += below;
        }
        sum.intoArray(into.values(), column * perPixel + c);
      }
    }
  }
}
