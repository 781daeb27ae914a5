package io.popsight.trainer.network;

/**
 * Sizes of a spiking layer.
 *
 * @param name unique, such as {@code stage2.conv1}
 * @param inChannels features read
 * @param outChannels features made
 * @param kernel side of the square kernel, odd; zero-padded by its half
 * @param stride 1 or 2
 * @param pooled whether a 2x2 max-pool follows the convolution
 * @param weightBits their width
 */
public record LayerPlan(
    String name,
    int inChannels,
    int outChannels,
    int kernel,
    int stride,
    boolean pooled,
    WeightBits weightBits) {}
