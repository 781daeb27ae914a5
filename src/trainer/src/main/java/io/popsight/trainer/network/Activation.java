package io.popsight.trainer.network;

import org.bytedeco.pytorch.Tensor;

/**
 * What a layer's potential becomes for the next one: spikes, signs in a binary neural network of
 * the usual kind, or rectified in the float twin.
 */
public sealed interface Activation permits Activation.Stepping, Relu {

  /** Makes one of two values, by a threshold. */
  sealed interface Stepping extends Activation permits HoyerSpike, Sign {

    /** The potential from which each channel fires, as served. */
    double[] thresholds();

    /**
     * How far above its threshold each unit is, normalised: it fires from 0 on.
     *
     * @param potential [N, C, H, W]
     */
    Tensor margin(Tensor potential);
  }

  /**
   * What a layer makes of a batch.
   *
   * @param values zeros and ones with the surrogate gradient, or what stands for them
   * @param rate share of the values above zero, a scalar without gradient
   * @param hoyer the regularizer's sum over what has an extremum, a scalar
   * @param units values of the map, batch included
   */
  record Spikes(Tensor values, Tensor rate, Tensor hoyer, long units) {}

  /**
   * Fires.
   *
   * @param potential [N, C, H, W]
   * @param statistics where the extremum comes from
   */
  Spikes fire(Tensor potential, Statistics statistics);
}
