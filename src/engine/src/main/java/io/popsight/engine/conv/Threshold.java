package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** Compares a row of sums with each channel's threshold and packs the ones. Thread-safe. */
public interface Threshold {

  /**
   * Fires a row.
   *
   * @param sums layout [columns][sumsPerPixel], followed by at least a word's channels more
   * @param from index of the row's first sum
   * @param row of the output
   * @param output the row is overwritten
   */
  void row(int[] sums, int from, int row, BitMap output);
}
