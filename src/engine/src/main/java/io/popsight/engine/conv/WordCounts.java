package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** Ones of each window of a row under each mask of weights. */
sealed interface WordCounts permits VectorWordCounts, VectorCarryCounts {

  /**
   * Those of the machine.
   *
   * @param free where in the room for counts that of these may begin
   */
  static WordCounts of(ConvolutionShape shape, WeightPlanes weights, int free) {
    return Lanes.COUNTS_BITS
        ? new VectorWordCounts(shape, weights)
        : new VectorCarryCounts(shape, weights, free);
  }

  /** Ints of the room for counts that are needed behind the free place. */
  int room();

  /**
   * Counts a row.
   *
   * @param row of the output
   * @param factor what a one counts
   * @param into its {@code shared} are summands of each column
   * @param counts {@code factor * ones + shared}, layout [columns][plane][sumsPerPixel]
   */
  void row(BitMap input, int row, int factor, RowSums into, int[] counts);
}
