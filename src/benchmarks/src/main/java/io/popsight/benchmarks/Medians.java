package io.popsight.benchmarks;

import java.util.Arrays;

/**
 * Runs contestants in turn, so that a slow moment of the machine hits all of them, and takes
 * medians. A turn lasts a while and counts by the mean of its runs: a single run of a contestant
 * that needs a tenth of another's time would mostly tell how long its memory takes to come back
 * into the caches, which no contestant pays where one network answers photo after photo.
 */
final class Medians {

  private static final int ROUNDS = 41;
  private static final long TURN_NANOS = 10_000_000L;

  /** In which no turn was faster than those before: compiled code comes late on a busy machine. */
  private static final long STEADY_NANOS = 1_500_000_000L;

  private static final long MOST_NANOS = 20 * STEADY_NANOS;
  private static final double FASTER = 1.1;

  private Medians() {}

  /** Median milliseconds of each. */
  static double[] of(Runnable... contestants) {
    for (Runnable contestant : contestants) {
      warmUp(contestant);
    }
    double[][] times = new double[contestants.length][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int c = 0; c < contestants.length; c++) {
        times[c][round] = turn(contestants[c]);
      }
    }
    return Arrays.stream(times).mapToDouble(Medians::median).toArray();
  }

  private static void warmUp(Runnable contestant) {
    long start = System.nanoTime();
    long steadySince = start;
    double fastest = turn(contestant);
    for (long now = start; now < Math.min(steadySince + STEADY_NANOS, start + MOST_NANOS); ) {
      double took = turn(contestant);
      now = System.nanoTime();
      if (took * FASTER < fastest) {
        fastest = took;
        steadySince = now;
      }
    }
  }

  private static double turn(Runnable contestant) {
    long start = System.nanoTime();
    long took = 0;
    int runs = 0;
    while (took < TURN_NANOS) {
      contestant.run();
      runs++;
      took = System.nanoTime() - start;
    }
    return took / 1e6 / runs;
  }

  /** The middle of an odd number of values, which are sorted. */
  static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
