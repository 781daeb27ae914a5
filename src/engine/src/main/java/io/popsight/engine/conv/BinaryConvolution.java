package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** A convolution of spikes with integer weights. Thread-safe. */
public interface BinaryConvolution {

  /**
   * Makes one row of integer sums.
   *
   * @param input its border is at least the padding
   * @param row of the output
   * @param into its values are overwritten
   */
  void row(BitMap input, int row, RowSums into);

  /** Counts of {@link RowSums} that a row needs. */
  default int room() {
    return 0;
  }
}
