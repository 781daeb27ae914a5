package io.popsight.model;

/**
 * A layer that spikes.
 *
 * @param name unique in the model, such as {@code stage2.conv1}
 * @param channels feature channels
 * @param rows map height
 * @param columns map width
 * @param macs multiply-accumulates a photo of the convolution that makes this layer
 * @param trainingRate share of ones over the training photos, 0 to 1
 */
public record SpikeLayer(
    String name, int channels, int rows, int columns, long macs, double trainingRate) {

  /** Units a photo: what a count of spikes is divided by. */
  public long units() {
    return (long) channels * rows * columns;
  }

  /** Name of the graph's output with the number of ones a photo. */
  public String countOutput() {
    return "spikes_" + name;
  }
}
