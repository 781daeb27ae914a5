package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** A convolution of spikes with integer weights. Thread-safe. */
public interface BinaryConvolution {

  /**
   * Makes one row of integer sums.
   *
   * @param input its border is at least the padding
   * @param row of the output
   * @param follows whether the row made last into the same sums was this convolution's one before,
   *     of the same spikes: what both see need not be looked at again
   * @param into its values are overwritten
   */
  void row(BitMap input, int row, boolean follows, RowSums into);

  /** Counts of {@link RowSums} that a row needs. */
  default int room() {
    return 0;
  }

  /** Bytes of weights of {@link RowSums} that it needs. */
  default int weightRoom() {
    return 0;
  }
}
