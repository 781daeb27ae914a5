package io.popsight.trainer.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Networks for tests, each like another but for one thing. */
public final class Architectures {

  /** How units fire where nothing is compared. */
  static final SpikeRule HOYER =
      new SpikeRule(false, 2, true, RegularizerScope.EXTREMUM, 1, 1, false);

  private Architectures() {}

  /** Without a twin or layers of other bits, after a stem of stride 2. */
  public static Architecture plain(
      String kind,
      List<Integer> widths,
      List<Integer> units,
      int neck,
      WeightBits weightBits,
      ThresholdScope threshold) {
    return new Architecture(
        kind,
        2,
        widths,
        units,
        neck,
        weightBits,
        new LinkedHashMap<>(),
        false,
        false,
        threshold,
        HOYER);
  }

  /** The float twin, which multiplies or adds absolute differences. */
  public static Architecture twin(Architecture of, boolean adder) {
    return like(of, of.stemStride(), of.layers(), true, adder, of.spike());
  }

  /** The same with other bits for some layers. */
  public static Architecture withLayers(Architecture of, SequencedMap<String, WeightBits> layers) {
    return like(of, of.stemStride(), layers, of.twin(), of.adder(), of.spike());
  }

  /** The same after a stem of another stride. */
  public static Architecture withStemStride(Architecture of, int stemStride) {
    return like(of, stemStride, of.layers(), of.twin(), of.adder(), of.spike());
  }

  /** The same with units that fire otherwise. */
  public static Architecture withSpike(Architecture of, SpikeRule spike) {
    return like(of, of.stemStride(), of.layers(), of.twin(), of.adder(), spike);
  }

  private static Architecture like(
      Architecture of,
      int stemStride,
      SequencedMap<String, WeightBits> layers,
      boolean twin,
      boolean adder,
      SpikeRule spike) {
    return new Architecture(
        of.kind(),
        stemStride,
        of.widths(),
        of.units(),
        of.neck(),
        of.weightBits(),
        layers,
        twin,
        adder,
        of.threshold(),
        spike);
  }
}
