package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/**
 * Lists the ones below a row of windows, column by column, so that those of a window follow each
 * other and a column that several windows share is listed once. A one is told as where its weights
 * begin in the window of the first column; in another column they begin {@link #step} earlier for
 * each column between.
 *
 * @param channelStep from the weights of an input channel to those of the next
 * @param step from the weights of a column of a window to those of the next
 */
record RowOnes(ConvolutionShape shape, int channelStep, int step) {

  /** A pass writes so many, the last of which may be none. */
  private static final int AT_ONCE = 4;

  /** Ints that {@link #list} needs. */
  int room() {
    int most = Math.multiplyExact(shape.kernel() * columns(), step / channelStep);
    return Math.addExact(most, columns() + 1 + AT_ONCE);
  }

  private int columns() {
    return (shape.output().columns() - 1) * shape.stride() + shape.kernel();
  }

  /**
   * Writes where the list of each column begins to the front of the room, with the end of the last,
   * and the lists behind.
   */
  void list(BitMap input, int row, int[] room) {
    int corner = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int columns = columns();
    int to = columns + 1;
    for (int x = 0; x < columns; x++) {
      room[x] = to;
      to = column(input, corner + x * input.words(), x * step, room, to);
    }
    room[columns] = to;
  }

  private int column(BitMap input, int corner, int first, int[] room, int from) {
    int[] data = input.data();
    int to = from;
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int at = corner + ky * input.rowWords();
      int channel = first + ky * shape.kernel() * step;
      for (int word = 0; word < input.words(); word++) {
        int bits = data[at + word];
        int end = to + Integer.bitCount(bits);
        // By fours, because a branch for each one is guessed wrong too often.
        for (; to < end; to += AT_ONCE) {
          room[to] = channel + Integer.numberOfTrailingZeros(bits) * channelStep;
          bits &= bits - 1;
          room[to + 1] = channel + Integer.numberOfTrailingZeros(bits) * channelStep;
          bits &= bits - 1;
          room[to + 2] = channel + Integer.numberOfTrailingZeros(bits) * channelStep;
          bits &= bits - 1;
          room[to + 3] = channel + Integer.numberOfTrailingZeros(bits) * channelStep;
          bits &= bits - 1;
        }
        to = end;
        channel += BitMap.WORD * channelStep;
      }
    }
    return to;
  }
}
