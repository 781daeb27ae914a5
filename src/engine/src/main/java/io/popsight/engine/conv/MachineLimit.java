package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What this core could do at most: AND, popcount and addition on registers alone, without a load or
 * a store. The yardstick of the kernels.
 */
public final class MachineLimit {

  private static final int ROUNDS = 100_000;
  private static final int TRIPLES = 16;
  private static final int REPETITIONS = 60;

  private MachineLimit() {}

  /** Multiply-accumulates of bits a second, the best of many repetitions. */
  public static double macsPerSecond() {
    long best = Long.MAX_VALUE;
    int expected = loop();
    for (int i = 0; i < REPETITIONS; i++) {
      long start = System.nanoTime();
      int result = loop();
      best = Math.min(best, System.nanoTime() - start);
      // Reading the result keeps the compiler from dropping the loop.
      if (result != expected) {
        throw new IllegalStateException("one loop, two results");
      }
    }
    return (double) ROUNDS * TRIPLES * INTS.vectorBitSize() * 1e9 / best;
  }

  /** Sixteen chains, so that none waits for its own last step. */
  private static int loop() {
    IntVector w = IntVector.broadcast(INTS, 0x5555);
    IntVector s00 = w.add(0);
    IntVector s01 = w.add(1);
    IntVector s02 = w.add(2);
    IntVector s03 = w.add(3);
    IntVector s04 = w.add(4);
    IntVector s05 = w.add(5);
    IntVector s06 = w.add(6);
    IntVector s07 = w.add(7);
    IntVector s08 = w.add(8);
    IntVector s09 = w.add(9);
    IntVector s10 = w.add(10);
    IntVector s11 = w.add(11);
    IntVector s12 = w.add(12);
    IntVector s13 = w.add(13);
    IntVector s14 = w.add(14);
    IntVector s15 = w.add(15);
    for (int round = 0; round < ROUNDS; round++) {
      s00 = s00.add(s00.and(w).lanewise(VectorOperators.BIT_COUNT));
      s01 = s01.add(s01.and(w).lanewise(VectorOperators.BIT_COUNT));
      s02 = s02.add(s02.and(w).lanewise(VectorOperators.BIT_COUNT));
      s03 = s03.add(s03.and(w).lanewise(VectorOperators.BIT_COUNT));
      s04 = s04.add(s04.and(w).lanewise(VectorOperators.BIT_COUNT));
      s05 = s05.add(s05.and(w).lanewise(VectorOperators.BIT_COUNT));
      s06 = s06.add(s06.and(w).lanewise(VectorOperators.BIT_COUNT));
      s07 = s07.add(s07.and(w).lanewise(VectorOperators.BIT_COUNT));
      s08 = s08.add(s08.and(w).lanewise(VectorOperators.BIT_COUNT));
      s09 = s09.add(s09.and(w).lanewise(VectorOperators.BIT_COUNT));
      s10 = s10.add(s10.and(w).lanewise(VectorOperators.BIT_COUNT));
      s11 = s11.add(s11.and(w).lanewise(VectorOperators.BIT_COUNT));
      s12 = s12.add(s12.and(w).lanewise(VectorOperators.BIT_COUNT));
      s13 = s13.add(s13.and(w).lanewise(VectorOperators.BIT_COUNT));
      s14 = s14.add(s14.and(w).lanewise(VectorOperators.BIT_COUNT));
      s15 = s15.add(s15.and(w).lanewise(VectorOperators.BIT_COUNT));
    }
    return s00.add(s01)
        .add(s02)
        .add(s03)
        .add(s04)
        .add(s05)
        .add(s06)
        .add(s07)
        .add(s08)
        .add(s09)
        .add(s10)
        .add(s11)
        .add(s12)
        .add(s13)
        .add(s14)
        .add(s15)
        .reduceLanes(VectorOperators.ADD);
  }
}
