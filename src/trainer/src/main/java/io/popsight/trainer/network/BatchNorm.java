package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Batch normalisation whose factor is positive by construction (an exponential), as thresholds
 * need.
 */
final class BatchNorm {

  static final double EPSILON = 1e-5;

  private final Tensor logGamma;
  private final Tensor beta;
  private final Tensor mean;
  private final Tensor variance;

  BatchNorm(Parameters parameters, String layer, int channels) {
    logGamma = parameters.train(layer + ".logGamma", torch.zeros(channels));
    beta = parameters.train(layer + ".beta", torch.zeros(channels));
    mean = parameters.buffer(layer + ".mean", torch.zeros(channels));
    variance = parameters.buffer(layer + ".variance", torch.ones(channels));
  }

  Tensor apply(Tensor sums, Statistics statistics) {
    return torch.batch_norm(
        sums,
        new TensorOptional(logGamma.exp()),
        new TensorOptional(beta),
        new TensorOptional(mean),
        new TensorOptional(variance),
        statistics.ofBatch(),
        statistics.momentum(),
        EPSILON,
        false);
  }

  Tensor logGamma() {
    return logGamma;
  }

  Tensor beta() {
    return beta;
  }

  Tensor mean() {
    return mean;
  }

  Tensor variance() {
    return variance;
  }
}
