package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.FLOATS;
import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.model.Weights;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The stem with the lanes as output channels; the photo's values are broadcast to tiles of four
 * pixels by two vectors. Floats: see {@link PixelMap}.
 */
final class VectorPixelConvolution implements PixelConvolution {

  private static final int LANES = FLOATS.length();

  /** Output channels a tile. */
  static final int TILE = 2 * LANES;

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
      int column = 0;
      for (; column + 4 <= columns; column += 4) {
        fourPixels(input, start + column * step, sums, column * perPixel + out, w, both);
      }
      for (; column < columns; column++) {
        onePixel(input, start + column * step, sums, column * perPixel + out, w, both);
      }
    }
  }

  private void fourPixels(PixelMap input, int start, int[] sums, int s, int w, boolean both) {
    float[] photo = input.data();
    int step = shape.stride() * PixelMap.CHANNELS;
    int perPixel = shape.sumsPerPixel();
    int run = shape.kernel() * PixelMap.CHANNELS;
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = FloatVector.zero(FLOATS);
    FloatVector s10 = FloatVector.zero(FLOATS);
    FloatVector s11 = FloatVector.zero(FLOATS);
    FloatVector s20 = FloatVector.zero(FLOATS);
    FloatVector s21 = FloatVector.zero(FLOATS);
    FloatVector s30 = FloatVector.zero(FLOATS);
    FloatVector s31 = FloatVector.zero(FLOATS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = start + ky * input.rowValues();
      for (int i = 0; i < run; i++) {
        FloatVector w0 = FloatVector.fromArray(FLOATS, weights, w);
        FloatVector w1 = FloatVector.fromArray(FLOATS, weights, w + LANES);
        FloatVector a0 = FloatVector.broadcast(FLOATS, photo[a + i]);
        s00 = a0.fma(w0, s00);
        s01 = a0.fma(w1, s01);
        FloatVector a1 = FloatVector.broadcast(FLOATS, photo[a + i + step]);
        s10 = a1.fma(w0, s10);
        s11 = a1.fma(w1, s11);
        FloatVector a2 = FloatVector.broadcast(FLOATS, photo[a + i + 2 * step]);
        s20 = a2.fma(w0, s20);
        s21 = a2.fma(w1, s21);
        FloatVector a3 = FloatVector.broadcast(FLOATS, photo[a + i + 3 * step]);
        s30 = a3.fma(w0, s30);
        s31 = a3.fma(w1, s31);
        w += 2 * LANES;
      }
    }
    ((IntVector) s00.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s);
    ((IntVector) s10.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + perPixel);
    ((IntVector) s20.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + 2 * perPixel);
    ((IntVector) s30.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + 3 * perPixel);
    if (!both) {
      return;
    }
    ((IntVector) s01.convertShape(VectorOperators.F2I, INTS, 0)).intoArray(sums, s + LANES);
    ((IntVector) s11.convertShape(VectorOperators.F2I, INTS, 0))
        .intoArray(sums, s + perPixel + LANES);
    ((IntVector) s21.convertShape(VectorOperators.F2I, INTS, 0))
        .intoArray(sums, s + 2 * perPixel + LANES);
    ((IntVector) s31.convertShape(VectorOperators.F2I, INTS, 0))
        .intoArray(sums, s + 3 * perPixel + LANES);
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
