package io.popsight.trainer.network;

import java.util.function.Predicate;

/**
 * Where layers take their means, variances and extrema from, and how finely they compute.
 *
 * @param momentum share of this batch in the running averages, up to 1; 0 uses the averages and
 *     leaves them as they are
 * @param precision of the convolutions
 * @param kept layers that use their averages and leave them as they are in any case
 */
public record Statistics(double momentum, Precision precision, Predicate<String> kept) {

  /** As served: from the running averages. */
  public static final Statistics AVERAGED = new Statistics(0, Precision.FLOAT32, _ -> false);

  /** As trained: from the batch, which moves the averages by a tenth. */
  public static final Statistics OF_BATCH = new Statistics(0.1, Precision.FLOAT32, _ -> false);

  /**
   * Averages made anew: after {@code n} batches every one of them has the same weight.
   *
   * @param number of the batch, from 0
   */
  public static Statistics estimate(int number) {
    return new Statistics(1.0 / (number + 1), Precision.FLOAT32, _ -> false);
  }

  /** The same with another precision. */
  public Statistics in(Precision precision) {
    return new Statistics(momentum, precision, kept);
  }

  /** The same, some layers keeping their averages. */
  public Statistics keeping(Predicate<String> kept) {
    return new Statistics(momentum, precision, kept);
  }

  /** Those of one layer. */
  Statistics of(String layer) {
    return kept.test(layer) ? new Statistics(0, precision, kept) : this;
  }

  boolean ofBatch() {
    return momentum > 0;
  }
}
