package io.popsight.trainer.network;

import org.bytedeco.pytorch.Tensor;

/** What a layer's potential becomes for the next one: spikes, or rectified in the float twin. */
public sealed interface Activation permits HoyerSpike, Relu {

  /**
   * What a layer makes of a batch.
   *
   * @param values zeros and ones with the surrogate gradient, or rectified potentials
   * @param hoyer the regularizer's sum over what has an extremum, a scalar
   * @param units values of the map, batch included
   */
  record Spikes(Tensor values, Tensor hoyer, long units) {}

  /**
   * Fires.
   *
   * @param potential [N, C, H, W]
   * @param statistics where the extremum comes from
   */
  Spikes fire(Tensor potential, Statistics statistics);
}
