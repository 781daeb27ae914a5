package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolution, or sums of differences, max-pool where there is one, batch norm: what makes membrane
 * potentials.
 */
public final class ConvolutionLayer {

  private final LayerPlan plan;
  private final QuantizedWeights weights;
  private final BatchNorm norm;

  ConvolutionLayer(Parameters parameters, LayerPlan plan) {
    this.plan = plan;
    this.weights =
        new QuantizedWeights(
            parameters,
            plan.name(),
            plan.outChannels(),
            plan.groupChannels(),
            plan.kernel(),
            plan.weightBits());
    this.norm = new BatchNorm(parameters, plan.name(), plan.outChannels());
  }

  /** Name, sizes and bits. */
  public LayerPlan plan() {
    return plan;
  }

  Tensor forward(Tensor input, Statistics statistics) {
    Tensor sums =
        plan.adder()
            ? AbsoluteDifferences.of(Tensors.floats(input), weights.effective(), plan.stride())
            : statistics.precision().convolve(input, weights.effective(), plan.stride());
    return norm.apply(plan.pooled() ? torch.max_pool2d(sums, 2, 2) : sums, statistics);
  }

  /** The layer's integer weights, layout [out][in][row][column]. */
  public byte[] integerWeights() {
    return weights.integerArray();
  }

  /** The layer's float weights, if it has such, layout [out][in][row][column]. */
  public float[] floatWeights() {
    return weights.floatArray();
  }

  /**
   * What the averages make of integer sums {@code n}: the potential {@code factor * n + offset}.
   */
  public record Affine(double[] factors, double[] offsets) {}

  /**
   * The potential of integer sums, a channel; factors are positive.
   *
   * @param inputScale what an integer of the input stands for in the training graph
   */
  public Affine affine(double inputScale) {
    float[] alpha = Tensors.toArray(weights.scales());
    float[] mu = Tensors.toArray(norm.mean());
    float[] variance = Tensors.toArray(norm.variance());
    float[] logGamma = Tensors.toArray(norm.logGamma());
    float[] beta = Tensors.toArray(norm.beta());
    double[] factors = new double[alpha.length];
    double[] offsets = new double[alpha.length];
    for (int c = 0; c < factors.length; c++) {
      double slope = Math.exp(logGamma[c]) / Math.sqrt(variance[c] + BatchNorm.EPSILON);
      factors[c] = slope * alpha[c] * inputScale;
      offsets[c] = beta[c] - slope * mu[c];
    }
    return new Affine(factors, offsets);
  }
}
