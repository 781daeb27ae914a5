package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The float twin's activation: {@code max(potential, 0)}. */
public record Relu() implements Activation {

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    Tensor rate = Tensors.floats(potential.detach().gt(new Scalar(0.0))).mean();
    return new Spikes(potential.relu(), rate, torch.zeros(1).squeeze(), potential.numel());
  }
}
