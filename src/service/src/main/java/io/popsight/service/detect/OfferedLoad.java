package io.popsight.service.detect;

/**
 * How many photos are asked for in a time, taken or refused, counted in windows one after the
 * other. Not thread-safe.
 */
final class OfferedLoad {

  private long start;
  private long asked;
  private double perNano;

  OfferedLoad(long now) {
    start = now;
  }

  /** A photo was asked for. */
  void asked() {
    asked++;
  }

  /**
   * Photos a nanosecond in the last window, or in the present one where these are more already.
   *
   * @param window its length in nanoseconds
   */
  double perNano(long now, double window) {
    long passed = now - start;
    if (passed >= window) {
      perNano = (double) asked / passed;
      start = now;
      asked = 0;
    }
    return Math.max(perNano, asked / window);
  }
}
