package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;
import jdk.incubator.vector.IntVector;

/**
 * Lists the ones below a row of windows of 3x3 that move by a pixel, column by column and in a
 * column row by row. Two of the three rows are those of the row of windows before: there lists are
 * moved, which takes a fraction of the time of making them. So there is room for two rows' lists,
 * written in turns.
 */
final class ThreeRowOnes {

  private static final int KERNEL = 3;

  private final int padding;

  /** That windows see, those of the padding included. */
  private final int columns;

  private final int channelStep;
  private final int rowStep;

  /** Begins of a row's lists, the end of the last behind them. */
  private final int begins;

  /** Ints that a row's lists take at most. */
  private final int most;

  /**
   * For a convolution.
   *
   * @param channelStep from the weights of an input channel to those of the next, which are those
   *     of the next row of a window behind the last
   */
  ThreeRowOnes(ConvolutionShape shape, int inChannels, int channelStep) {
    this.padding = shape.padding();
    this.columns = shape.output().columns() + KERNEL - 1;
    this.channelStep = channelStep;
    this.rowStep = Math.multiplyExact(inChannels, channelStep);
    this.begins = this.columns * KERNEL + 1;
    this.most =
        Math.addExact(
            Math.multiplyExact(this.columns * KERNEL, inChannels), PixelOnes.AT_ONCE.length());
  }

  /** Ints that {@link #list} needs. */
  int room() {
    return Math.addExact(lists(0), Math.multiplyExact(2, most));
  }

  private int lists(int turn) {
    return 2 * begins + 1 + turn * most;
  }

  /**
   * Lists a row's ones.
   *
   * @param follows as in {@link BinaryConvolution#row}
   * @return index in the room of where the list of the first row of the first column begins, those
   *     of its other rows and of the other columns behind it
   */
  int list(BitMap input, int row, boolean follows, int[] room) {
    int whoseTurn = 2 * begins;
    int turn = follows ? 1 - room[whoseTurn] : 0;
    room[whoseTurn] = turn;
    int header = turn * begins;
    if (follows) {
      move(input, row, room, begins - header, header, lists(turn));
    } else {
      make(input, row, room, header, lists(turn));
    }
    return header;
  }

  private void make(BitMap input, int row, int[] room, int header, int from) {
    int words = input.words();
    int corner = input.index(row - padding, -padding);
    int begin = header;
    int to = from;
    for (int column = 0; column < columns; column++) {
      int at = corner + column * words;
      for (int first = 0; first < KERNEL * rowStep; first += rowStep) {
        room[begin++] = to;
        to = PixelOnes.list(input.data(), at, words, first, channelStep, room, to);
        at += input.rowWords();
      }
    }
    room[begin] = to;
  }

  private void move(BitMap input, int row, int[] room, int header, int toHeader, int from) {
    int[] data = input.data();
    int words = input.words();
    int newest = (KERNEL - 1) * rowStep;
    int at = input.index(row - padding + KERNEL - 1, -padding);
    int old = header;
    int begin = toHeader;
    int to = from;
    for (int column = 0; column < columns; column++) {
      int first = room[old + 1];
      int end = room[old + KERNEL];
      int shift = to - first;
      room[begin] = to;
      room[begin + 1] = room[old + 2] + shift;
      for (int one = first; one < end; one += PixelOnes.AT_ONCE.length()) {
        IntVector.fromArray(PixelOnes.AT_ONCE, room, one).sub(rowStep).intoArray(room, one + shift);
      }
      to = end + shift;
      room[begin + 2] = to;
      to = PixelOnes.list(data, at, words, newest, channelStep, room, to);
      at += words;
      old += KERNEL;
      begin += KERNEL;
    }
    room[begin] = to;
  }
}
