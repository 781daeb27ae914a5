package io.popsight.engine.conv;

/**
 * A row of sums on its way from a convolution to what reads it, and the kernels' room to work: one
 * for each thread of a run, large enough for every row of a network.
 *
 * @param values sums, layout [columns][sumsPerPixel]
 * @param counts for kernels: ones under each mask, layout [columns][plane][sumsPerPixel], or the
 *     lists of a row's ones and of those of the row before
 * @param shared for kernels: what a window adds to the sums of all its channels, [columns]
 * @param weights for kernels: those of the layer at work
 */
public record RowSums(int[] values, int[] counts, int[] shared, WeightRoom weights) {

  /** What a reader may see behind the last sum: a word's channels. */
  public static final int BEHIND = 32;

  /**
   * Room for rows.
   *
   * @param values most sums a row
   * @param counts most that a kernel needs, {@link BinaryConvolution#room}
   * @param weights most bytes of weights, {@link BinaryConvolution#weightRoom}
   * @param columns most columns
   */
  public static RowSums of(int values, int counts, int weights, int columns) {
    return new RowSums(
        new int[Math.addExact(values, BEHIND)],
        new int[counts],
        new int[columns],
        new WeightRoom(weights));
  }
}
