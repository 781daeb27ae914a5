package io.popsight.engine.conv;

/** The convolution that reads the photo. Thread-safe. */
public interface PixelConvolution {

  /**
   * Makes one row of integer sums.
   *
   * @param input its border is at least the padding
   * @param row of the output
   * @param into its values are overwritten
   */
  void row(PixelMap input, int row, RowSums into);
}
