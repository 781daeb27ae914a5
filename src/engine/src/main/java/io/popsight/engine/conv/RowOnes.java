package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

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

  /** As many lanes as bits are listed at once, at most 8: tables grow with what bits can say. */
  private static final VectorSpecies<Integer> AT_ONCE =
      Lanes.INTS.length() < 8 ? IntVector.SPECIES_128 : IntVector.SPECIES_256;

  private static final int BITS = AT_ONCE.length();

  private static final int MASK = (1 << BITS) - 1;

  /** Places of the ones of any so many bits, layout [bits][BITS], with zeros behind the last. */
  private static final int[] PLACES = places();

  private static int[] places() {
    int[] places = new int[(MASK + 1) * BITS];
    for (int bits = 0; bits <= MASK; bits++) {
      int to = bits * BITS;
      for (int left = bits; left != 0; left &= left - 1) {
        places[to++] = Integer.numberOfTrailingZeros(left);
      }
    }
    return places;
  }

  /** Ints that {@link #list} needs. */
  int room() {
    int most = Math.multiplyExact(shape.kernel() * columns(), inChannels);
    return Math.addExact(most, columns() + 1 + BITS);
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
      to = column(input, corner + x * input.words(), x * columnStep, room, to);
    }
    room[columns] = to;
  }

  /** Looked up rather than looked for: a branch for each one is guessed wrong too often. */
  private int column(BitMap input, int corner, int first, int[] room, int from) {
    int[] data = input.data();
    int to = from;
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int at = corner + ky * input.rowWords();
      int channel = first + ky * rowStep;
      for (int word = 0; word < input.words(); word++) {
        int bits = data[at + word];
        for (int shift = 0; shift < BitMap.WORD; shift += BITS) {
          int some = bits >>> shift & MASK;
          IntVector.fromArray(AT_ONCE, PLACES, some * BITS)
              .mul(channelStep)
              .add(channel + shift * channelStep)
              .intoArray(room, to);
          to += Integer.bitCount(some);
        }
        channel += BitMap.WORD * channelStep;
      }
    }
    return to;
  }
}
