package io.popsight.trainer.network;

/**
 * Sizes of a spiking layer.
 *
 * @param name unique, such as {@code stage2.conv1}
 * @param inChannels features read
 * @param outChannels features made
 * @param kernel side of the square kernel, odd; zero-padded by its half
 * @param stride 1 or 2
 * @param depthwise whether each feature is made of the one read that has its number
 * @param pooled whether a 2x2 max-pool follows the convolution
 * @param weightBits their width
 * @param adder whether it adds up absolute differences from its weights, negated, and no products
 */
public record LayerPlan(
    String name,
    int inChannels,
    int outChannels,
    int kernel,
    int stride,
    boolean depthwise,
    boolean pooled,
    WeightBits weightBits,
    boolean adder) {

  /** Parts of the features, each of which is read by its own. */
  public int groups() {
    return depthwise ? inChannels : 1;
  }

  /** Features that each one made is made of. */
  public int groupChannels() {
    return inChannels / groups();
  }
}
