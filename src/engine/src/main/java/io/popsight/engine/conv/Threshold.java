package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** Compares a row of sums with each channel's threshold and packs the ones. Thread-safe. */
public interface Threshold {

  /**
   * Fires a row.
   *
   * @param sums layout [columns][sumsPerPixel]
   * @param row of the output
   * @param output the row is overwritten
   */
  void row(int[] sums, int row, BitMap output);
}
