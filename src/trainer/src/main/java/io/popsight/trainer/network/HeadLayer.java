package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * 1x1 convolution of spikes: four log-distances and a logit a class, a cell; logits alone where
 * whole photos are classified.
 */
public final class HeadLayer {

  /** Log-distance of a box's side from its cell at the start, in strides: about 2.7 cells. */
  private static final float INITIAL_DISTANCE = 1;

  /** Logit of a score of 0.01: most cells see no object. */
  private static final float INITIAL_LOGIT = -4.6f;

  private static final int SIDES = 4;

  private final int stride;
  private final int classes;
  private final QuantizedWeights weights;
  private final Tensor bias;

  private HeadLayer(
      Parameters parameters,
      int stride,
      int inChannels,
      int classes,
      WeightBits bits,
      float[] initial) {
    this.stride = stride;
    this.classes = classes;
    String name = "head" + stride;
    this.weights = new QuantizedWeights(parameters, name, initial.length, inChannels, 1, bits);
    this.bias = parameters.train(name + ".bias", Tensors.of(initial, initial.length));
  }

  /** Boxes with classes. */
  static HeadLayer ofBoxes(
      Parameters parameters, int stride, int inChannels, int classes, WeightBits bits) {
    float[] initial = new float[SIDES + classes];
    Arrays.fill(initial, 0, SIDES, INITIAL_DISTANCE);
    Arrays.fill(initial, SIDES, initial.length, INITIAL_LOGIT);
    return new HeadLayer(parameters, stride, inChannels, classes, bits, initial);
  }

  /** Classes alone. */
  static HeadLayer ofPhotos(
      Parameters parameters, int stride, int inChannels, int classes, WeightBits bits) {
    return new HeadLayer(parameters, stride, inChannels, classes, bits, new float[classes]);
  }

  /** Input pixels a cell. */
  public int stride() {
    return stride;
  }

  /** Whether its values are classes of whole photos, without boxes. */
  public boolean classifies() {
    return outChannels() == classes;
  }

  /** [N, C, H, W] spikes to [N, H * W, channels]. */
  Tensor forward(Tensor spikes) {
    Tensor map =
        Tensors.convolved(Tensors.floats(spikes), weights.effective(), 1)
            .add(bias.view(1, -1, 1, 1));
    return map.flatten(2, 3).permute(0, 2, 1);
  }

  /**
   * Turns a class's logit {@code x} into {@code factor * x + shift}; the integers stay as they are.
   *
   * @param factors one a class, above zero
   * @param shifts one a class
   */
  void changeLogits(float[] factors, float[] shifts) {
    float[] rows = new float[outChannels()];
    float[] summands = new float[rows.length];
    int sides = rows.length - classes;
    Arrays.fill(rows, 0, sides, 1);
    System.arraycopy(factors, 0, rows, sides, classes);
    System.arraycopy(shifts, 0, summands, sides, classes);
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor factor = Tensors.beside(bias, Tensors.of(rows, rows.length));
      weights.multiplyRows(factor);
      bias.copy_(bias.mul(factor).add(Tensors.beside(bias, Tensors.of(summands, rows.length))));
    }
  }

  /** Four distances, where there are boxes, and a logit a class. */
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
