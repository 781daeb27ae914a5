package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Lists the ones of pixels, a one as where its weights begin. */
final class PixelOnes {

  /** As many lanes as bits are listed at once, at most 8: tables grow with what bits can say. */
  static final VectorSpecies<Integer> AT_ONCE =
      Lanes.INTS.length() < 8 ? IntVector.SPECIES_128 : IntVector.SPECIES_256;

  private static final int BITS = AT_ONCE.length();

  private static final int MASK = (1 << BITS) - 1;

  /** Places of the ones of any so many bits, layout [bits][BITS], with zeros behind the last. */
  private static final int[] PLACES = places();

  private PixelOnes() {}

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

  /**
   * Writes the ones of a pixel, and whole vectors of {@link #AT_ONCE}, whose rest the next list
   * overwrites. They are looked up rather than looked for: a branch for each one is guessed wrong
   * too often.
   *
   * @param at first word of the pixel in the data of a map
   * @param first where the weights of its first channel begin
   * @param step from the weights of a channel to those of the next
   * @param from index of the first in the list
   * @return index behind the last
   */
  static int list(int[] data, int at, int words, int first, int step, int[] list, int from) {
    int to = from;
    int channel = first;
    for (int word = at; word < at + words; word++) {
      int bits = data[word];
      for (int shift = 0; shift < BitMap.WORD; shift += BITS) {
        int some = bits >>> shift & MASK;
        IntVector.fromArray(AT_ONCE, PLACES, some * BITS)
            .mul(step)
            .add(channel + shift * step)
            .intoArray(list, to);
        to += Integer.bitCount(some);
      }
      channel += BitMap.WORD * step;
    }
    return to;
  }
}
