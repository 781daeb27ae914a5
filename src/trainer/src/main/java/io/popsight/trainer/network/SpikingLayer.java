package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Convolution, max-pool where there is one, batch norm, spike. */
public final class SpikingLayer {

  private final LayerPlan plan;
  private final QuantizedWeights weights;
  private final BatchNorm norm;
  private final HoyerSpike spike;

  SpikingLayer(Parameters parameters, LayerPlan plan) {
    this.plan = plan;
    this.weights =
        new QuantizedWeights(
            parameters,
            plan.name(),
            plan.outChannels(),
            plan.inChannels(),
            plan.kernel(),
            plan.weightBits());
    this.norm = new BatchNorm(parameters, plan.name(), plan.outChannels());
    this.spike = new HoyerSpike(parameters, plan.name(), plan.outChannels());
  }

  /** Name, sizes and bits. */
  public LayerPlan plan() {
    return plan;
  }

  /**
   * Runs a batch.
   *
   * @param input spikes, or pixels for the stem: [N, C, H, W]
   */
  public HoyerSpike.Spikes forward(Tensor input, Statistics statistics) {
    return spike.fire(norm.apply(pooledSums(input), statistics), statistics);
  }

  private Tensor pooledSums(Tensor input) {
    long[] stride = {plan.stride(), plan.stride()};
    long[] padding = {plan.kernel() / 2, plan.kernel() / 2};
    Tensor sums =
        torch.conv2d(
            input,
            weights.effective(),
            new TensorOptional(),
            stride,
            padding,
            new long[] {1, 1},
            1);
    return plan.pooled() ? torch.max_pool2d(sums, 2, 2) : sums;
  }

  /** The layer's integer weights, layout [out][in][row][column]. */
  public byte[] integerWeights() {
    float[] values = Tensors.toArray(weights.integers());
    byte[] integers = new byte[values.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (byte) values[i];
    }
    return integers;
  }

  /**
   * Where a channel's real threshold lies in units of integer sums, before rounding up: {@code (mu
   * + sigma * (v * E - beta) / gamma) / alpha}.
   *
   * @param inputScale what an integer of the input stands for in the training graph
   */
  public double[] realThresholds(double inputScale) {
    float[] alpha = Tensors.toArray(weights.scales());
    float[] mu = Tensors.toArray(norm.mean());
    float[] variance = Tensors.toArray(norm.variance());
    float[] logGamma = Tensors.toArray(norm.logGamma());
    float[] beta = Tensors.toArray(norm.beta());
    float[] extremum = Tensors.toArray(spike.average());
    double v = Tensors.toArray(spike.positiveNormaliser())[0];
    double[] thresholds = new double[alpha.length];
    for (int c = 0; c < thresholds.length; c++) {
      double sigma = Math.sqrt(variance[c] + BatchNorm.EPSILON);
      double potential = mu[c] + sigma * (v * extremum[c] - beta[c]) / Math.exp(logGamma[c]);
      thresholds[c] = potential / (alpha[c] * inputScale);
    }
    return thresholds;
  }
}
