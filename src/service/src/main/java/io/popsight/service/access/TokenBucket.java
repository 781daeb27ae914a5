package io.popsight.service.access;

/** So many a second, a second's worth at once. */
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

  /** Takes a token if there is one. */
  synchronized boolean take(long nanoTime) {
    tokens = Math.min(most, tokens + (nanoTime - filled) / 1e9 * rate);
    filled = nanoTime;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
