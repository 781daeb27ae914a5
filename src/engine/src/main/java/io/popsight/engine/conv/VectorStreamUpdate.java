package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import java.util.Arrays;
import jdk.incubator.vector.IntVector;

/** As many channels at once as there are lanes. */
final class VectorStreamUpdate implements StreamUpdate {

  private static final int LANES = INTS.length();

  private final int[] factors;
  private final int[] offsets;

  VectorStreamUpdate(int[] factors, int[] offsets, int sumsPerPixel) {
    this.factors = Arrays.copyOf(factors, sumsPerPixel);
    this.offsets = Arrays.copyOf(offsets, sumsPerPixel);
  }

  // The channels' loop is outside, so that factors and offsets stay in registers for a row.

  @Override
  public void start(int[] sums, int pixels, int[] stream, int at) {
    int channels = factors.length;
    for (int c = 0; c < channels; c += LANES) {
      IntVector factor = IntVector.fromArray(INTS, factors, c);
      IntVector offset = IntVector.fromArray(INTS, offsets, c);
      for (int pixel = 0; pixel < pixels; pixel++) {
        int i = pixel * channels + c;
        IntVector.fromArray(INTS, sums, i).mul(factor).add(offset).intoArray(stream, at + i);
      }
    }
  }

  @Override
  public void add(int[] sums, int pixels, int[] base, int from, int[] stream, int at) {
    int channels = factors.length;
    for (int c = 0; c < channels; c += LANES) {
      IntVector factor = IntVector.fromArray(INTS, factors, c);
      IntVector offset = IntVector.fromArray(INTS, offsets, c);
      for (int pixel = 0; pixel < pixels; pixel++) {
        int i = pixel * channels + c;
        IntVector.fromArray(INTS, sums, i)
            .mul(factor)
            .add(offset)
            .add(IntVector.fromArray(INTS, base, from + i))
            .intoArray(stream, at + i);
      }
    }
  }
}
