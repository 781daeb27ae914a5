package io.popsight.benchmarks;

import java.util.Arrays;

/**
 * Runs contestants in turn, so that a slow moment of the machine hits all of them, and takes
 * medians. A turn lasts a while and counts by the mean of its runs: a single run of a contestant
 * that needs a tenth of another's time would mostly tell how long its memory takes to come back
 * into the caches, which no contestant pays where one network answers photo after photo.
 */
final class Medians {

  private static final int WARM_UP = 300;
  private static final int ROUNDS = 41;
  private static final long WARM_UP_NANOS = 1_500_000_000L;
  private static final long TURN_NANOS = 10_000_000L;

  private Medians() {}

  /** Median milliseconds of each. */
  static double[] of(Runnable... contestants) {
    for (Runnable contestant : contestants) {
      long end = System.nanoTime() + WARM_UP_NANOS;
      for (int i = 0; i < WARM_UP || (System.nanoTime() < end && i < 20_000); i++) {
        contestant.run();
        if (System.nanoTime() > end + WARM_UP_NANOS) {
          break;
        }
      }
    }
    double[][] times = new double[contestants.length][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int c = 0; c < contestants.length; c++) {
        times[c][round] = turn(contestants[c]);
      }
    }
    return Arrays.stream(times).mapToDouble(Medians::median).toArray();
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
