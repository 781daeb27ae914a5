package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The activation of a binary neural network of the usual kind, to compare spikes with: -1 below
 * zero and +1 from there on, the gradient passing where the potential is within [-1, 1]
 * (Courbariaux et al., BinaryNet, 2016).
 */
public record Sign(int channels) implements Activation.Stepping {

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    Tensor slope = Tensors.clipped(potential, -1, 1);
    Tensor values;
    Tensor rate;
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor ones = Tensors.floats(potential.ge(new Scalar(0.0)));
      rate = ones.mean();
      values = Tensors.plus(Tensors.times(ones, 2), -1);
    }
    return new Spikes(
        Tensors.straightThrough(values, slope), rate, Tensors.times(rate, 0), potential.numel());
  }

  @Override
  public double[] thresholds() {
    return new double[channels];
  }

  @Override
  public Tensor margin(Tensor potential) {
    return potential;
  }
}
