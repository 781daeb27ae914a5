package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/**
 * Lists the ones below a row of windows, column by column, so that those of a window follow each
 * other and a column that several windows share is listed once. A one is told as where its weights
 * begin.
 *
 * @param channelStep from the weights of an input channel to those of the next
 * @param rowStep from the weights of a row of a window to those of the next
 * @param columnStep how much earlier, from a column to the next, the weights of its ones begin that
 *     are the same in the window of the first column
 */
record RowOnes(
    ConvolutionShape shape, int inChannels, int channelStep, int rowStep, int columnStep) {

  /** Ints that {@link #list} needs. */
  int room() {
    int most = Math.multiplyExact(shape.kernel() * columns(), inChannels);
    return Math.addExact(most, columns() + 1 + PixelOnes.AT_ONCE.length());
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
    int words = input.words();
    int to = columns + 1;
    for (int x = 0; x < columns; x++) {
      room[x] = to;
      int at = corner + x * words;
      int first = x * columnStep;
      for (int ky = 0; ky < shape.kernel(); ky++) {
        to = PixelOnes.list(input.data(), at, words, first, channelStep, room, to);
        at += input.rowWords();
        first += rowStep;
      }
    }
    room[columns] = to;
  }
}
