package io.popsight.trainer.network;

/**
 * How units fire and learn to; other values than the defaults are for comparison.
 *
 * @param signs -1 and +1 with a threshold of zero, as binary neural networks usually have, instead
 *     of zeros and ones
 * @param window the surrogate gradient is 0.5 where the normalised potential is between 0 and this
 * @param attached whether the Hoyer regularizer moves the normaliser, too
 * @param hoyer what shares a value of the regularizer
 * @param steps more than one makes a spiking network in time: the same photo a step, membranes that
 *     last, outputs averaged
 * @param leak share of a membrane that lasts to the next step, at the start of training; 0 to 1
 * @param softReset whether a spike takes its threshold off the membrane
 */
public record SpikeRule(
    boolean signs,
    double window,
    boolean attached,
    RegularizerScope hoyer,
    int steps,
    double leak,
    boolean softReset) {

  private static final int MOST_STEPS = 16;

  /** Checks ranges. */
  public SpikeRule {
    require(window > 0, "network.spike.window %s; above 0", window);
    require(
        steps >= 1 && steps <= MOST_STEPS, "network.spike.steps %s; 1 to %s", steps, MOST_STEPS);
    require(leak >= 0 && leak <= 1, "network.spike.leak %s; 0 to 1", leak);
    require(
        !signs || steps == 1,
        "network.spike.signs has no membranes: network.spike.steps must be 1");
  }

  private static void require(boolean right, String message, Object... values) {
    if (!right) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
