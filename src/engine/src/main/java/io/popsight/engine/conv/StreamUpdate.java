package io.popsight.engine.conv;

/**
 * What a layer adds to an integer stream: {@code factor * sum + offset}, a channel. Channels beyond
 * the last stay zero. Thread-safe.
 */
public interface StreamUpdate {

  /**
   * Starts a stream with a row of sums.
   *
   * @param sums layout [pixels][sumsPerPixel]
   * @param stream same layout; may be the sums themselves
   * @param at index of the row's first value in the stream
   */
  void start(int[] sums, int pixels, int[] stream, int at);

  /**
   * Adds a row of sums to another stream.
   *
   * @param base the stream that is added to
   * @param from index of the row's first value in the base
   * @param stream what is written; may be the base or the sums themselves
   * @param at index of the row's first value in the stream
   */
  void add(int[] sums, int pixels, int[] base, int from, int[] stream, int at);
}
