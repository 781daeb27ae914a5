package io.popsight.trainer.network;

/**
 * Where layers take their means, variances and extrema from.
 *
 * @param momentum share of this batch in the running averages, up to 1; 0 uses the averages and
 *     leaves them as they are
 */
public record Statistics(double momentum) {

  /** As served: from the running averages. */
  public static final Statistics AVERAGED = new Statistics(0);

  /** As trained: from the batch, which moves the averages by a tenth. */
  public static final Statistics OF_BATCH = new Statistics(0.1);

  /**
   * Averages made anew: after {@code n} batches every one of them has the same weight.
   *
   * @param number of the batch, from 0
   */
  public static Statistics estimate(int number) {
    return new Statistics(1.0 / (number + 1));
  }

  boolean ofBatch() {
    return momentum > 0;
  }
}
