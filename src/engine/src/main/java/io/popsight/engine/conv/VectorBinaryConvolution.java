package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS_OF_LONGS;
import static io.popsight.engine.conv.Lanes.LONGS;

import io.popsight.engine.bits.BitMap;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * AND + popcount with the lanes as output channels: one load brings the same input word of the
 * weights of as many channels as there are lanes, the input word is broadcast. A tile of four
 * pixels by four vectors keeps sixteen accumulators in registers. They are local variables and
 * stored without a helper: an array of vectors, or a call that C2 leaves out of line, would
 * allocate them. The output channels' loop is outside, so the weights of a tile stay in the cache
 * while a row streams by.
 */
final class VectorBinaryConvolution implements BinaryConvolution {

  private static final int LANES = LONGS.length();

  /** Output channels a tile. */
  static final int TILE = 4 * LANES;

  private final ConvolutionShape shape;
  private final int onesFactor;
  private final int[] factors;

  /** Layout [plane][tile][row][column][word][channel of the tile]. */
  private final long[][] planes;

  VectorBinaryConvolution(ConvolutionShape shape, WeightPlanes weights) {
    this.shape = shape;
    this.onesFactor = weights.onesFactor();
    this.factors = weights.planes().stream().mapToInt(WeightPlanes.Plane::factor).toArray();
    int outChannels = shape.output().channels();
    this.planes =
        weights.planes().stream()
            .map(plane -> interleave(plane.bits(), outChannels))
            .toArray(long[][]::new);
  }

  private static long[] interleave(long[] bits, int outChannels) {
    int window = bits.length / outChannels;
    int tiles = (outChannels + TILE - 1) / TILE;
    long[] interleaved = new long[tiles * TILE * window];
    for (int out = 0; out < outChannels; out++) {
      int tile = out / TILE;
      for (int i = 0; i < window; i++) {
        interleaved[(tile * window + i) * TILE + out - tile * TILE] = bits[out * window + i];
      }
    }
    return interleaved;
  }

  @Override
  public void row(BitMap input, int row, int[] sums) {
    int columns = shape.output().columns();
    int start = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    start(input, start, sums);
    int step = shape.stride() * input.words();
    int perPixel = shape.sumsPerPixel();
    int window = shape.kernel() * shape.kernel() * input.words();
    for (int plane = 0; plane < planes.length; plane++) {
      long[] weights = planes[plane];
      int factor = factors[plane];
      for (int out = 0; out < shape.output().channels(); out += TILE) {
        int at = out * window;
        int column = 0;
        for (; column + 4 <= columns; column += 4) {
          int a = start + column * step;
          fourPixels(input, a, weights, at, factor, sums, column * perPixel + out);
        }
        for (; column < columns; column++) {
          int a = start + column * step;
          onePixel(input, a, weights, at, factor, sums, column * perPixel + out);
        }
      }
    }
  }

  /** Starts each sum with the ones of its window, which all output channels share, or with zero. */
  private void start(BitMap input, int start, int[] sums) {
    int run = shape.kernel() * input.words();
    long[] data = input.data();
    int perPixel = shape.sumsPerPixel();
    for (int column = 0; column < shape.output().columns(); column++) {
      int at = start + column * shape.stride() * input.words();
      int ones = 0;
      for (int ky = 0; onesFactor != 0 && ky < shape.kernel(); ky++) {
        for (int i = 0; i < run; i++) {
          ones += Long.bitCount(data[at + ky * input.rowWords() + i]);
        }
      }
      Arrays.fill(sums, column * perPixel, (column + 1) * perPixel, onesFactor * ones);
    }
  }

  private void fourPixels(
      BitMap input, int at, long[] weights, int w, int factor, int[] sums, int s) {
    long[] data = input.data();
    int step = shape.stride() * input.words();
    int run = shape.kernel() * input.words();
    int perPixel = shape.sumsPerPixel();
    LongVector s00 = LongVector.zero(LONGS);
    LongVector s01 = LongVector.zero(LONGS);
    LongVector s02 = LongVector.zero(LONGS);
    LongVector s03 = LongVector.zero(LONGS);
    LongVector s10 = LongVector.zero(LONGS);
    LongVector s11 = LongVector.zero(LONGS);
    LongVector s12 = LongVector.zero(LONGS);
    LongVector s13 = LongVector.zero(LONGS);
    LongVector s20 = LongVector.zero(LONGS);
    LongVector s21 = LongVector.zero(LONGS);
    LongVector s22 = LongVector.zero(LONGS);
    LongVector s23 = LongVector.zero(LONGS);
    LongVector s30 = LongVector.zero(LONGS);
    LongVector s31 = LongVector.zero(LONGS);
    LongVector s32 = LongVector.zero(LONGS);
    LongVector s33 = LongVector.zero(LONGS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = at + ky * input.rowWords();
      for (int i = 0; i < run; i++) {
        LongVector w0 = LongVector.fromArray(LONGS, weights, w);
        LongVector w1 = LongVector.fromArray(LONGS, weights, w + LANES);
        LongVector w2 = LongVector.fromArray(LONGS, weights, w + 2 * LANES);
        LongVector w3 = LongVector.fromArray(LONGS, weights, w + 3 * LANES);
        LongVector a0 = LongVector.broadcast(LONGS, data[a + i]);
        s00 = s00.add(a0.and(w0).lanewise(VectorOperators.BIT_COUNT));
        s01 = s01.add(a0.and(w1).lanewise(VectorOperators.BIT_COUNT));
        s02 = s02.add(a0.and(w2).lanewise(VectorOperators.BIT_COUNT));
        s03 = s03.add(a0.and(w3).lanewise(VectorOperators.BIT_COUNT));
        LongVector a1 = LongVector.broadcast(LONGS, data[a + i + step]);
        s10 = s10.add(a1.and(w0).lanewise(VectorOperators.BIT_COUNT));
        s11 = s11.add(a1.and(w1).lanewise(VectorOperators.BIT_COUNT));
        s12 = s12.add(a1.and(w2).lanewise(VectorOperators.BIT_COUNT));
        s13 = s13.add(a1.and(w3).lanewise(VectorOperators.BIT_COUNT));
        LongVector a2 = LongVector.broadcast(LONGS, data[a + i + 2 * step]);
        s20 = s20.add(a2.and(w0).lanewise(VectorOperators.BIT_COUNT));
        s21 = s21.add(a2.and(w1).lanewise(VectorOperators.BIT_COUNT));
        s22 = s22.add(a2.and(w2).lanewise(VectorOperators.BIT_COUNT));
        s23 = s23.add(a2.and(w3).lanewise(VectorOperators.BIT_COUNT));
        LongVector a3 = LongVector.broadcast(LONGS, data[a + i + 3 * step]);
        s30 = s30.add(a3.and(w0).lanewise(VectorOperators.BIT_COUNT));
        s31 = s31.add(a3.and(w1).lanewise(VectorOperators.BIT_COUNT));
        s32 = s32.add(a3.and(w2).lanewise(VectorOperators.BIT_COUNT));
        s33 = s33.add(a3.and(w3).lanewise(VectorOperators.BIT_COUNT));
        w += TILE;
      }
    }
    ((IntVector) s00.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s))
        .intoArray(sums, s);
    ((IntVector) s01.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + LANES))
        .intoArray(sums, s + LANES);
    ((IntVector) s02.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * LANES))
        .intoArray(sums, s + 2 * LANES);
    ((IntVector) s03.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * LANES))
        .intoArray(sums, s + 3 * LANES);
    ((IntVector) s10.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + perPixel))
        .intoArray(sums, s + perPixel);
    ((IntVector) s11.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + perPixel + LANES))
        .intoArray(sums, s + perPixel + LANES);
    ((IntVector) s12.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + perPixel + 2 * LANES))
        .intoArray(sums, s + perPixel + 2 * LANES);
    ((IntVector) s13.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + perPixel + 3 * LANES))
        .intoArray(sums, s + perPixel + 3 * LANES);
    ((IntVector) s20.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * perPixel))
        .intoArray(sums, s + 2 * perPixel);
    ((IntVector) s21.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * perPixel + LANES))
        .intoArray(sums, s + 2 * perPixel + LANES);
    ((IntVector) s22.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * perPixel + 2 * LANES))
        .intoArray(sums, s + 2 * perPixel + 2 * LANES);
    ((IntVector) s23.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * perPixel + 3 * LANES))
        .intoArray(sums, s + 2 * perPixel + 3 * LANES);
    ((IntVector) s30.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * perPixel))
        .intoArray(sums, s + 3 * perPixel);
    ((IntVector) s31.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * perPixel + LANES))
        .intoArray(sums, s + 3 * perPixel + LANES);
    ((IntVector) s32.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * perPixel + 2 * LANES))
        .intoArray(sums, s + 3 * perPixel + 2 * LANES);
    ((IntVector) s33.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * perPixel + 3 * LANES))
        .intoArray(sums, s + 3 * perPixel + 3 * LANES);
  }

  private void onePixel(
      BitMap input, int at, long[] weights, int w, int factor, int[] sums, int s) {
    long[] data = input.data();
    int run = shape.kernel() * input.words();
    LongVector s00 = LongVector.zero(LONGS);
    LongVector s01 = LongVector.zero(LONGS);
    LongVector s02 = LongVector.zero(LONGS);
    LongVector s03 = LongVector.zero(LONGS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = at + ky * input.rowWords();
      for (int i = 0; i < run; i++) {
        LongVector w0 = LongVector.fromArray(LONGS, weights, w);
        LongVector w1 = LongVector.fromArray(LONGS, weights, w + LANES);
        LongVector w2 = LongVector.fromArray(LONGS, weights, w + 2 * LANES);
        LongVector w3 = LongVector.fromArray(LONGS, weights, w + 3 * LANES);
        LongVector a0 = LongVector.broadcast(LONGS, data[a + i]);
        s00 = s00.add(a0.and(w0).lanewise(VectorOperators.BIT_COUNT));
        s01 = s01.add(a0.and(w1).lanewise(VectorOperators.BIT_COUNT));
        s02 = s02.add(a0.and(w2).lanewise(VectorOperators.BIT_COUNT));
        s03 = s03.add(a0.and(w3).lanewise(VectorOperators.BIT_COUNT));
        w += TILE;
      }
    }
    ((IntVector) s00.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s))
        .intoArray(sums, s);
    ((IntVector) s01.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + LANES))
        .intoArray(sums, s + LANES);
    ((IntVector) s02.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 2 * LANES))
        .intoArray(sums, s + 2 * LANES);
    ((IntVector) s03.convertShape(VectorOperators.L2I, INTS_OF_LONGS, 0))
        .mul(factor)
        .add(IntVector.fromArray(INTS_OF_LONGS, sums, s + 3 * LANES))
        .intoArray(sums, s + 3 * LANES);
  }
}
