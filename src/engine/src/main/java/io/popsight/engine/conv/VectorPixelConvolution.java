package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.model.Weights;
import jdk.incubator.vector.IntVector;

/**
 * The stem with the lanes as output channels; the photo's values are broadcast to tiles of four
 * pixels.
 */
final class VectorPixelConvolution implements PixelConvolution {

  /** Output channels a vector. */
  static final int LANES = INTS.length();

  private final ConvolutionShape shape;

  /** Layout [vector][row][column][in][lane]. */
  private final int[] weights;

  VectorPixelConvolution(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    int k = weights.kernel();
    int window = k * k * PixelMap.CHANNELS;
    int vectors = (weights.outChannels() + LANES - 1) / LANES;
    this.weights = new int[vectors * window * LANES];
    for (int out = 0; out < weights.outChannels(); out++) {
      for (int i = 0; i < window; i++) {
        int pixel = i / PixelMap.CHANNELS;
        this.weights[(out / LANES * window + i) * LANES + out % LANES] =
            weights.at(out, i % PixelMap.CHANNELS, pixel / k, pixel % k);
      }
    }
  }

  @Override
  public void row(PixelMap input, int row, int[] sums) {
    int columns = shape.output().columns();
    int perPixel = shape.sumsPerPixel();
    int start = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int step = shape.stride() * PixelMap.CHANNELS;
    int window = shape.kernel() * shape.kernel() * PixelMap.CHANNELS;
    for (int out = 0; out < shape.output().channels(); out += LANES) {
      int at = out * window;
      int column = 0;
      for (; column + 4 <= columns; column += 4) {
        fourPixels(input, start + column * step, sums, column * perPixel + out, at);
      }
      for (; column < columns; column++) {
        onePixel(input, start + column * step, sums, column * perPixel + out, at);
      }
    }
  }

  private void fourPixels(PixelMap input, int start, int[] sums, int s, int at) {
    int[] photo = input.data();
    int step = shape.stride() * PixelMap.CHANNELS;
    int perPixel = shape.sumsPerPixel();
    int run = shape.kernel() * PixelMap.CHANNELS;
    IntVector s0 = IntVector.zero(INTS);
    IntVector s1 = IntVector.zero(INTS);
    IntVector s2 = IntVector.zero(INTS);
    IntVector s3 = IntVector.zero(INTS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = start + ky * input.rowInts();
      for (int i = 0; i < run; i++) {
        IntVector w = IntVector.fromArray(INTS, weights, at);
        s0 = s0.add(w.mul(photo[a + i]));
        s1 = s1.add(w.mul(photo[a + i + step]));
        s2 = s2.add(w.mul(photo[a + i + 2 * step]));
        s3 = s3.add(w.mul(photo[a + i + 3 * step]));
        at += LANES;
      }
    }
    s0.intoArray(sums, s);
    s1.intoArray(sums, s + perPixel);
    s2.intoArray(sums, s + 2 * perPixel);
    s3.intoArray(sums, s + 3 * perPixel);
  }

  private void onePixel(PixelMap input, int start, int[] sums, int s, int at) {
    int[] photo = input.data();
    int run = shape.kernel() * PixelMap.CHANNELS;
    IntVector s0 = IntVector.zero(INTS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = start + ky * input.rowInts();
      for (int i = 0; i < run; i++) {
        IntVector w = IntVector.fromArray(INTS, weights, at);
        s0 = s0.add(w.mul(photo[a + i]));
        at += LANES;
      }
    }
    s0.intoArray(sums, s);
  }
}
