package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.FLOATS;
import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.model.Weights;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The stem with the lanes as output channels, the photo's values broadcast. Floats: see {@link
 * PixelMap}. Every stem of ours is 3x3 with stride 2, done in tiles of four pixels by two vectors,
 * of which the last may have channels in one alone; that kernel and stride are constants saves a
 * quarter of the time, because C2 then checks ranges and makes addresses once for many. Any other
 * shape goes pixel by pixel.
 */
final class VectorPixelConvolution implements PixelConvolution {

  private static final int LANES = FLOATS.length();

  /** Output channels a tile. */
  private static final int TILE = 2 * LANES;

  private static final int KERNEL = 3;
  private static final int STEP = 2 * PixelMap.CHANNELS;

  private final ConvolutionShape shape;

  /** Layout [tile][row][column][in][channel of the tile]. */
  private final float[] weights;

  VectorPixelConvolution(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    int k = weights.kernel();
    int window = k * k * PixelMap.CHANNELS;
    int tiles = (weights.outChannels() + TILE - 1) / TILE;
    this.weights = new float[tiles * window * TILE];
    for (int out = 0; out < weights.outChannels(); out++) {
      for (int i = 0; i < window; i++) {
        int pixel = i / PixelMap.CHANNELS;
        this.weights[(out / TILE * window + i) * TILE + out % TILE] =
            weights.at(out, i % PixelMap.CHANNELS, pixel / k, pixel % k);
      }
    }
  }

  @Override
  public void row(PixelMap input, int row, RowSums into) {
    int[] sums = into.values();
    int columns = shape.output().columns();
    int perPixel = shape.sumsPerPixel();
    int start = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int step = shape.stride() * PixelMap.CHANNELS;
    int window = shape.kernel() * shape.kernel() * PixelMap.CHANNELS;
    for (int out = 0; out < shape.output().channels(); out += TILE) {
      int w = out * window;
      boolean both = out + LANES < perPixel;
      if (columns >= 4 && shape.kernel() == KERNEL && step == STEP) {
        fourPixels(input, start, sums, out, w, both);
      } else {
        for (int column = 0; column < columns; column++) {
          onePixel(input, start + column * step, sums, column * perPixel + out, w, both);
        }
      }
    }
  }

  // Accumulators are local variables: an array of vectors would live on the heap.
  private void fourPixels(PixelMap input, int start, int[] sums, int out, int first, boolean both) {
    float[] photo = input.data();
    float[] weights = this.weights;
    int rowValues = input.rowValues();
    int perPixel = shape.sumsPerPixel();
    int columns = shape.output().columns();
    for (int tile = 0; tile < columns; tile += 4) {
      int column = Math.min(tile, columns - 4);
      int w = first;
      FloatVector s00 = FloatVector.zero(FLOATS);
      FloatVector s01 = FloatVector.zero(FLOATS);
      FloatVector s10 = FloatVector.zero(FLOATS);
      FloatVector s11 = FloatVector.zero(FLOATS);
      FloatVector s20 = FloatVector.zero(FLOATS);
      FloatVector s21 = FloatVector.zero(FLOATS);
      FloatVector s30 = FloatVector.zero(FLOATS);
      FloatVector s31 = FloatVector.zero(FLOATS);
      for (int ky = 0; ky < KERNEL; ky++) {
        int a = start + column * STEP + ky * rowValues;
        for (int i = 0; i < KERNEL * PixelMap.CHANNELS; i++) {
          FloatVector w0 = FloatVector.fromArray(FLOATS, weights, w);
          FloatVector w1 = FloatVector.fromArray(FLOATS, weights, w + LANES);
          FloatVector a0 = FloatVector.broadcast(FLOATS, photo[a + i]);
          s00 = a0.fma(w0, s00);
          s01 = a0.fma(w1, s01);
          FloatVector a1 = FloatVector.broadcast(FLOATS, photo[a + i + STEP]);
          s10 = a1.fma(w0, s10);
          s11 = a1.fma(w1, s11);
          FloatVector a2 = FloatVector.broadcast(FLOATS, photo[a + i + 2 * STEP]);
          s20 = a2.fma(w0, s20);
          s21 = a2.fma(w1, s21);
          FloatVector a3 = FloatVector.broadcast(FLOATS, photo[a + i + 3 * STEP]);
          s30 = a3.fma(w0, s30);
          s31 = a3.fma(w1, s31);
          w += 2 * LANES;
        }
      }
      int s = column * perPixel + out;
      ((IntVector) s00.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s);
      ((IntVector) s10.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + perPixel);
      ((IntVector) s20.convertShape(VectorOperators.F2I, INTS, 0))
          .intoArray(sums, s + 2 * perPixel);
      ((IntVector) s30.convertShape(VectorOperators.F2I, INTS, 0))
          .intoArray(sums, s + 3 * perPixel);
      if (both) {
        s += LANES;
        ((IntVector) s01.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s);
        ((IntVector) s11.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + perPixel);
        ((IntVector) s21.convertShape(VectorOperators.F2I, INTS, 0))
            .intoArray(sums, s + 2 * perPixel);
        ((IntVector) s31.convertShape(VectorOperators.F2I, INTS, 0))
            .intoArray(sums, s + 3 * perPixel);
      }
    }
  }

  private void onePixel(PixelMap input, int start, int[] sums, int s, int w, boolean both) {
    float[] photo = input.data();
    int run = shape.kernel() * PixelMap.CHANNELS;
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = FloatVector.zero(FLOATS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = start + ky * input.rowValues();
      for (int i = 0; i < run; i++) {
        FloatVector w0 = FloatVector.fromArray(FLOATS, weights, w);
        FloatVector w1 = FloatVector.fromArray(FLOATS, weights, w + LANES);
        FloatVector a0 = FloatVector.broadcast(FLOATS, photo[a + i]);
        s00 = a0.fma(w0, s00);
        s01 = a0.fma(w1, s01);
        w += 2 * LANES;
      }
    }
    ((IntVector) s00.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s);
    if (!both) {
      return;
    }
    ((IntVector) s01.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + LANES);
  }
}
