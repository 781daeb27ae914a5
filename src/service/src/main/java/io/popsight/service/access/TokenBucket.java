package io.popsight.service.access;

/** So many a second, a second's worth at once; who has one left may take more, and waits longer. */
final class TokenBucket {

  private final double rate;
  private final double most;
  private double tokens;
  private long filled;

  /**
   * A full bucket.
   *
   * @param rate tokens a second
   */
  TokenBucket(double rate, long nanoTime) {
    this.rate = rate;
    this.most = Math.max(1, rate);
    this.tokens = most;
    this.filled = nanoTime;
  }

  /** Tokens a second. */
  double rate() {
    return rate;
  }

  /**
   * Takes some, or none, if there is one: what is missing is made up for before there is one again.
   *
   * @return 0 if there was one, else the whole seconds after which there is one
   */
  synchronized long take(int some, long nanoTime) {
    tokens = Math.min(most, tokens + (nanoTime - filled) / 1e9 * rate);
    filled = nanoTime;
    if (tokens < 1) {
      return (long) Math.ceil((1 - tokens) / rate);
    }
    tokens -= some;
    return 0;
  }
}
