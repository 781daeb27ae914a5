package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The float twin's activation: {@code max(potential, 0)}. */
public record Relu() implements Activation {

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    Tensor rate = Tensors.floats(potential.detach().gt(new Scalar(0.0))).mean();
    return new Spikes(potential.relu(), rate, Tensors.times(rate, 0), potential.numel());
  }
}
