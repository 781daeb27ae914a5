package io.popsight.trainer.network;

/**
 * How units fire and learn to; other values than the defaults are for comparison.
 *
 * @param signs -1 and +1 with a threshold of zero, as binary neural networks usually have, instead
 *     of zeros and ones
 * @param window the surrogate gradient is 0.5 where the normalised potential is between 0 and this
 * @param attached whether the Hoyer regularizer moves the normaliser, too
 */
public record SpikeRule(boolean signs, double window, boolean attached) {

  /** The method's own. */
  public static final SpikeRule HOYER = new SpikeRule(false, 2, true);

  /** Checks the window. */
  public SpikeRule {
    if (!(window > 0)) {
      throw new IllegalArgumentException("spike.window %s; above 0".formatted(window));
    }
  }
}
