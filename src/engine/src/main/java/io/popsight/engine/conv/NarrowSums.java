package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.IntVector;

/**
 * Sums of which several share an int while ones are added. The first part of each int of a vector
 * are the first channels, and so on, so that a part is made ints by two shifts and no shuffle.
 */
enum NarrowSums {
  OF_BYTES(4),
  OF_SHORTS(2);

  private final int parts;

  NarrowSums(int parts) {
    this.parts = parts;
  }

  /** Sums an int. */
  int parts() {
    return parts;
  }

  /** Sums a vector. */
  int lanes() {
    return parts * INTS.length();
  }

  /** The largest. */
  int most() {
    return (1 << (Integer.SIZE / parts - 1)) - 1;
  }

  /** Where the sum of a channel stands, and the weight that is added to it. */
  int place(int out) {
    int lane = out % lanes();
    return out - lane + lane % INTS.length() * parts + lane / INTS.length();
  }

  /**
   * Makes ints of them.
   *
   * @param from of the first in the room
   * @param at of the first int
   * @param end behind the last int, whole vectors from the first
   * @param add whether to add to the ints that are there
   */
  void widen(int[] room, int from, int[] sums, int at, int end, boolean add) {
    IntVector kept = IntVector.broadcast(INTS, add ? -1 : 0);
    int narrow = from;
    int to = at;
    if (parts == 4) {
      int ints = INTS.length();
      // Written out, because shifts by constants are faster.
      for (; to + 4 * ints <= end; to += 4 * ints) {
        IntVector four = IntVector.fromArray(INTS, room, narrow);
        four.lanewise(LSHL, 24)
            .lanewise(ASHR, 24)
            .add(IntVector.fromArray(INTS, sums, to).and(kept))
            .intoArray(sums, to);
        four.lanewise(LSHL, 16)
            .lanewise(ASHR, 24)
            .add(IntVector.fromArray(INTS, sums, to + ints).and(kept))
            .intoArray(sums, to + ints);
        four.lanewise(LSHL, 8)
            .lanewise(ASHR, 24)
            .add(IntVector.fromArray(INTS, sums, to + 2 * ints).and(kept))
            .intoArray(sums, to + 2 * ints);
        four.lanewise(ASHR, 24)
            .add(IntVector.fromArray(INTS, sums, to + 3 * ints).and(kept))
            .intoArray(sums, to + 3 * ints);
        narrow += ints;
      }
    }
    int bits = Integer.SIZE / parts;
    int part = 0;
    for (; to < end; to += INTS.length()) {
      IntVector.fromArray(INTS, room, narrow)
          .lanewise(LSHL, Integer.SIZE - bits * (part + 1))
          .lanewise(ASHR, Integer.SIZE - bits)
          .add(IntVector.fromArray(INTS, sums, to).and(kept))
          .intoArray(sums, to);
      part++;
      if (part == parts) {
        part = 0;
        narrow += INTS.length();
      }
    }
  }
}
