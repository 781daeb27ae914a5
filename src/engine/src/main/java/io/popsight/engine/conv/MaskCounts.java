package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** Ones of each window under each mask. Thread-safe. */
interface MaskCounts {

  /**
   * Counts a row.
   *
   * @param row of the output
   * @param factor what a one counts
   * @param shared summands of each column
   * @param counts {@code factor * ones + shared}, layout [columns][plane][sumsPerPixel]
   */
  void row(BitMap input, int row, int factor, int[] shared, int[] counts);

  /**
   * Vectors of 512 bits belong to processors that count the ones of a word in one instruction;
   * narrower ones to those that count the ones of bytes, and would pay more for adding them up to
   * words than for the counting.
   */
  static MaskCounts of(ConvolutionShape shape, WeightPlanes weights) {
    return Lanes.INTS.vectorBitSize() == 512
        ? new VectorWordCounts(shape, weights)
        : new VectorByteCounts(shape, weights);
  }
}
