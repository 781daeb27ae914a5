package io.popsight.engine.conv;

import io.popsight.model.Node;

/**
 * What a step makes of a membrane: {@code (state * leak >> 8) + (sum << shift) + offset}, a
 * channel, and what a spike leaves of it. One loop for every kind of kernels: networks of several
 * steps are for comparison, and integers are the same anywhere. Thread-safe.
 *
 * @param first whether there is no state yet
 * @param leak 0 to 256
 * @param shift 0 to 8
 * @param offsets one a channel
 * @param resets what is taken off where it is reached, one a channel; empty for no reset
 */
public record MembraneUpdate(boolean first, int leak, int shift, int[] offsets, int[] resets) {

  private static final int LEAK_BITS = Integer.numberOfTrailingZeros(Node.Membrane.WHOLE);

  /**
   * Moves a row on.
   *
   * @param sums layout [pixels][sumsPerPixel]
   * @param from index of the row's first sum
   * @param state same layout, overwritten
   * @param at index of the row's first value in the state
   */
  public void row(int[] sums, int from, int pixels, int sumsPerPixel, int[] state, int at) {
    int channels = offsets.length;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int sum = from + pixel * sumsPerPixel;
      int to = at + pixel * sumsPerPixel;
      for (int c = 0; c < channels; c++) {
        int kept = first ? 0 : (int) (((long) state[to + c] * leak) >> LEAK_BITS);
        state[to + c] = kept + (sums[sum + c] << shift) + offsets[c];
      }
    }
  }

  /** Takes off what spikes took, for the step after. */
  public void reset(int[] state, int at, int pixels, int sumsPerPixel) {
    for (int pixel = 0; pixel < pixels; pixel++) {
      int to = at + pixel * sumsPerPixel;
      for (int c = 0; c < resets.length; c++) {
        if (state[to + c] >= resets[c]) {
          state[to + c] -= resets[c];
        }
      }
    }
  }
}
