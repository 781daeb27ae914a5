package io.popsight.engine.conv;

import java.util.Arrays;

/**
 * What a layer adds to a stream: {@code factor * sum + offset}, a channel. The loops are plain, the
 * JIT compiler turns them into vectors. Thread-safe.
 */
public final class StreamUpdate {

  private final int[] factors;
  private final int[] offsets;

  /**
   * An update; channels beyond the last stay zero.
   *
   * @param sumsPerPixel ints that a pixel takes in sums and streams
   */
  public StreamUpdate(int[] factors, int[] offsets, int sumsPerPixel) {
    this.factors = Arrays.copyOf(factors, sumsPerPixel);
    this.offsets = Arrays.copyOf(offsets, sumsPerPixel);
  }

  /**
   * Starts a stream with a row of sums.
   *
   * @param stream layout [pixels][sumsPerPixel]
   * @param at index of the row's first value in the stream
   */
  public void start(int[] sums, int pixels, int[] stream, int at) {
    int channels = factors.length;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = pixel * channels;
      for (int c = 0; c < channels; c++) {
        stream[at + from + c] = factors[c] * sums[from + c] + offsets[c];
      }
    }
  }

  /**
   * Adds a row of sums to another stream.
   *
   * @param base the stream that is added to; may be the same
   */
  public void add(int[] sums, int pixels, int[] base, int[] stream, int at) {
    int channels = factors.length;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = pixel * channels;
      for (int c = 0; c < channels; c++) {
        stream[at + from + c] = base[at + from + c] + factors[c] * sums[from + c] + offsets[c];
      }
    }
  }
}
