package io.popsight.engine.conv;

import java.util.Arrays;

/** The reference. */
final class ScalarStreamUpdate implements StreamUpdate {

  private final int[] factors;
  private final int[] offsets;

  ScalarStreamUpdate(int[] factors, int[] offsets, int sumsPerPixel) {
    this.factors = Arrays.copyOf(factors, sumsPerPixel);
    this.offsets = Arrays.copyOf(offsets, sumsPerPixel);
  }

  @Override
  public void start(int[] sums, int pixels, int[] stream, int at) {
    int channels = factors.length;
    for (int i = 0; i < pixels * channels; i++) {
      stream[at + i] = factors[i % channels] * sums[i] + offsets[i % channels];
    }
  }

  @Override
  public void add(int[] sums, int pixels, int[] base, int from, int[] stream, int at) {
    int channels = factors.length;
    for (int i = 0; i < pixels * channels; i++) {
      stream[at + i] = base[from + i] + factors[i % channels] * sums[i] + offsets[i % channels];
    }
  }
}
