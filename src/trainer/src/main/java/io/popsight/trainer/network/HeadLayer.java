package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** 1x1 convolution of spikes: four log-distances and a logit a class, a cell. */
public final class HeadLayer {

  /** Log-distance of a box's side from its cell at the start, in strides: about 2.7 cells. */
  private static final float INITIAL_DISTANCE = 1;

  /** Logit of a score of 0.01: most cells see no object. */
  private static final float INITIAL_LOGIT = -4.6f;

  private final int stride;
  private final QuantizedWeights weights;
  private final Tensor bias;

  HeadLayer(Parameters parameters, int stride, int inChannels, int classes, WeightBits bits) {
    this.stride = stride;
    String name = "head" + stride;
    this.weights = new QuantizedWeights(parameters, name, 4 + classes, inChannels, 1, bits);
    float[] initial = new float[4 + classes];
    for (int c = 0; c < initial.length; c++) {
      initial[c] = c < 4 ? INITIAL_DISTANCE : INITIAL_LOGIT;
    }
    this.bias = parameters.train(name + ".bias", Tensors.of(initial, initial.length));
  }

  /** Input pixels a cell. */
  public int stride() {
    return stride;
  }

  /** [N, C, H, W] spikes to [N, H * W, 4 + classes]. */
  Tensor forward(Tensor spikes) {
    Tensor map = Tensors.convolved(spikes, weights.effective(), 1).add(bias.view(1, -1, 1, 1));
    return map.flatten(2, 3).permute(0, 2, 1);
  }

  /**
   * Turns a class's logit {@code x} into {@code factor * x + shift}; the integers stay as they are.
   *
   * @param factors one a class, above zero
   * @param shifts one a class
   */
  void changeLogits(float[] factors, float[] shifts) {
    float[] rows = new float[4 + factors.length];
    float[] summands = new float[rows.length];
    for (int c = 0; c < rows.length; c++) {
      rows[c] = c < 4 ? 1 : factors[c - 4];
      summands[c] = c < 4 ? 0 : shifts[c - 4];
    }
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor factor = Tensors.of(rows, rows.length);
      weights.multiplyRows(factor);
      bias.copy_(bias.mul(factor).add(Tensors.of(summands, rows.length)));
    }
  }

  /** Four distances and a logit a class. */
  public int outChannels() {
    return (int) bias.numel();
  }

  /** Width of its weights. */
  public WeightBits weightBits() {
    return weights.bits();
  }

  /** Float weights, layout [out][in], if it has such. */
  public float[] floatWeights() {
    return weights.floatArray();
  }

  /** Integer weights, layout [out][in]. */
  public byte[] integerWeights() {
    return weights.integerArray();
  }

  /** Factor of the integer sums, an output channel. */
  public float[] scales() {
    return Tensors.toArray(weights.scales());
  }

  /** Summand, an output channel. */
  public float[] biases() {
    return Tensors.toArray(bias);
  }
}
