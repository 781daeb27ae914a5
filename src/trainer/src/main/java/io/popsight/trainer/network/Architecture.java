package io.popsight.trainer.network;

import java.util.List;

/**
 * Shape of a network.
 *
 * @param kind {@code vgg}: convolutions one after the other, a pool a stage; {@code residual}: a
 *     stream around every 3x3 convolution (Bi-Real), a convolution of stride 2 a stage
 * @param widths channels of the stem and of four stages, at strides 2, 4, 8, 16 and 32
 * @param units a stage: convolutions of a VGG stage, at least 1; residual units, from 0
 * @param neck channels of the top-down neck; 0 for none
 * @param weightBits of the hidden layers: 1, 2 (ternary), 4 or 8
 * @param threshold what shares a Hoyer extremum: {@code channel} unless an ablation asks otherwise
 */
public record Architecture(
    String kind,
    List<Integer> widths,
    List<Integer> units,
    int neck,
    int weightBits,
    ThresholdScope threshold) {

  /** The strides of the last three stages, which heads look at. */
  static final int STAGES = 4;

  /** Checks the lists' lengths and the kind. */
  public Architecture {
    if (!List.of("vgg", "residual").contains(kind)) {
      throw new IllegalArgumentException("kind '%s'; there are vgg, residual".formatted(kind));
    }
    if (widths.size() != STAGES + 1 || widths.stream().anyMatch(w -> w < 1)) {
      throw new IllegalArgumentException("widths: stem and four stages, got " + widths);
    }
    int least = kind.equals("vgg") ? 1 : 0;
    if (units.size() != STAGES || units.stream().anyMatch(u -> u < least)) {
      throw new IllegalArgumentException("units: one number a stage, got " + units);
    }
    if (!List.of(1, 2, 4, 8).contains(weightBits)) {
      throw new IllegalArgumentException("weightBits %d; 1, 2, 4 or 8".formatted(weightBits));
    }
    if (neck < 0) {
      throw new IllegalArgumentException("neck: " + neck);
    }
    widths = List.copyOf(widths);
    units = List.copyOf(units);
  }
}
