package io.popsight.trainer.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Shape of a network.
 *
 * @param kind {@code vgg}: convolutions one after the other, a pool a stage; {@code residual}: a
 *     stream around every 3x3 convolution (Liu et al., "Bi-Real Net", ECCV 2018), a convolution of
 *     stride 2 a stage; {@code mobile}: the same with a depthwise 3x3 and a 1x1 convolution for
 *     every 3x3 (Howard et al., "MobileNets", 2017)
 * @param stemStride 2, or 1 for photos of few pixels, of which the stages then see twice as many
 * @param widths channels of the stem and of four stages, at strides 2, 4, 8, 16 and 32 (half of
 *     these after a stem of stride 1)
 * @param units a stage: convolutions of a VGG stage, at least 1; residual units, from 0
 * @param neck channels of the top-down neck; 0 for none
 * @param weightBits of the hidden layers
 * @param layers bits of layers by name, where others are wanted; {@code *} stands for any
 *     characters, the first pattern that fits holds; the stem, the heads and depthwise layers have
 *     8 otherwise
 * @param twin the float twin of all this: ReLU for spikes, float weights everywhere
 * @param adder sums of absolute differences for products in the twin's hidden layers, for
 *     comparison (AdderNet, Chen et al., CVPR 2020)
 * @param threshold what shares a Hoyer extremum: {@code channel} unless an ablation asks otherwise
 * @param spike how units fire and learn to, likewise
 */
public record Architecture(
    String kind,
    int stemStride,
    List<Integer> widths,
    List<Integer> units,
    int neck,
    WeightBits weightBits,
    SequencedMap<String, WeightBits> layers,
    boolean twin,
    boolean adder,
    ThresholdScope threshold,
    SpikeRule spike) {

  /** Stages behind the stem. */
  static final int STAGES = 4;

  private static final List<String> KINDS = List.of("vgg", "residual", "mobile");

  /** Checks the lists' lengths and the kind. */
  public Architecture {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "network.kind '%s'; there are %s".formatted(kind, String.join(", ", KINDS)));
    }
    if (stemStride != 1 && stemStride != 2) {
      throw new IllegalArgumentException("network.stemStride %d; 1 or 2".formatted(stemStride));
    }
    if (widths.size() != STAGES + 1 || widths.stream().anyMatch(w -> w < 1)) {
      throw new IllegalArgumentException("network.widths: stem and four stages, got " + widths);
    }
    int least = kind.equals("vgg") ? 1 : 0;
    if (units.size() != STAGES || units.stream().anyMatch(u -> u < least)) {
      throw new IllegalArgumentException("network.units: one number a stage, got " + units);
    }
    if (neck < 0) {
      throw new IllegalArgumentException("network.neck: " + neck);
    }
    if (spike.steps() > 1 && !twin && !integers(weightBits, layers)) {
      throw new IllegalArgumentException(
          "network.spike.steps %d: only a network of integer weights may have several steps"
              .formatted(spike.steps()));
    }
    if (adder && (!twin || kind.equals("mobile"))) {
      throw new IllegalArgumentException(
          "network.adder: a float twin of kind vgg or residual may add differences (twin: true)");
    }
    widths = List.copyOf(widths);
    units = List.copyOf(units);
    layers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(layers));
  }

  /** Whether its file is one of integers, which the popcount engine runs. */
  public boolean integer() {
    return !twin && !spike.signs() && integers(weightBits, layers);
  }

  private static boolean integers(WeightBits weightBits, Map<String, WeightBits> layers) {
    return weightBits.integer() && layers.values().stream().allMatch(WeightBits::integer);
  }

  /** Steps of a network in time; a float twin has one. */
  public int steps() {
    return twin ? 1 : spike.steps();
  }

  /** Bits of a layer's weights. */
  WeightBits bitsOf(String layer, WeightBits otherwise) {
    if (twin) {
      return WeightBits.FLOAT;
    }
    return layers.entrySet().stream()
        .filter(entry -> new LayerPattern(entry.getKey()).fits(layer))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }

  /**
   * Refuses patterns that name nothing.
   *
   * @param names of all layers
   */
  void requireUsed(List<String> names) {
    layers.keySet().forEach(pattern -> new LayerPattern(pattern).requireAny("layers", names));
  }
}
