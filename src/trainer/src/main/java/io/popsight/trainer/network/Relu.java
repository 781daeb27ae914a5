package io.popsight.trainer.network;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The float twin's activation: {@code max(potential, 0)}. */
record Relu() implements Activation {

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    return new Spikes(potential.relu(), torch.zeros(1).squeeze(), potential.numel());
  }
}
