package io.popsight.service.detect;

/**
 * How much of the workers' time is asked for, by photos taken and refused alike, in windows one
 * after the other. Photos are weighed by what those cost that were done in the same window: callers
 * who wait for their answers ask for no more than is done, however slow a moment is. Not
 * thread-safe.
 */
final class OfferedLoad {

  /** Fewer tell little of what a photo costs. */
  private static final int FEWEST = 4;

  private long start;
  private long asked;
  private long done;
  private long doneNanos;
  private double last;

  OfferedLoad(long now) {
    start = now;
  }

  /** A photo was asked for. */
  void asked() {
    asked++;
  }

  /**
   * A photo was done.
   *
   * @param nanos what it cost a worker
   */
  void done(long nanos) {
    done++;
    doneNanos += nanos;
  }

  /**
   * Workers that what is asked for would keep busy: in the last window, or in the present one where
   * these are more already.
   *
   * @param window its length in nanoseconds
   */
  double workers(long now, double window) {
    long passed = now - start;
    if (passed >= window) {
      last = neededNanos() / passed;
      start = now;
      asked = 0;
      done = 0;
      doneNanos = 0;
    }
    return Math.max(last, neededNanos() / window);
  }

  private double neededNanos() {
    return done < FEWEST ? 0 : (double) asked * doneNanos / done;
  }
}
