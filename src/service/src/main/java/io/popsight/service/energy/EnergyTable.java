package io.popsight.service.energy;

/**
 * Energy of single operations, in picojoules. Both tables are of 64-bit reads from a 1 MB SRAM; a
 * byte is an eighth of it. DRAM is left out: a detector of this size stays on the chip.
 *
 * @param name by which it is chosen
 * @param source where the figures were published
 * @param intAdd8 addition of 8-bit integers
 * @param intAdd32 addition of 32-bit integers; also a comparison
 * @param intMultiply8 multiplication of 8-bit integers
 * @param floatAdd32 addition of 32-bit floats
 * @param floatMultiply32 multiplication of 32-bit floats
 * @param sramByte a byte to or from a 1 MB SRAM
 */
public record EnergyTable(
    String name,
    String source,
    double intAdd8,
    double intAdd32,
    double intMultiply8,
    double floatAdd32,
    double floatMultiply32,
    double sramByte) {

  /** The table that most papers on spiking and binary networks count with. */
  public static final EnergyTable NM45 =
      new EnergyTable(
          "45nm",
          "M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014",
          0.03,
          0.1,
          0.2,
          0.9,
          3.7,
          100.0 / 8);

  /** A newer process, in which memory has become dearer beside arithmetic on integers. */
  public static final EnergyTable NM7 =
      new EnergyTable(
          "7nm",
          "N. Jouppi et al., Ten Lessons From Three Generations Shaped Google's TPUv4i, ISCA 2021,"
              + " table 2",
          0.007,
          0.03,
          0.07,
          0.38,
          1.31,
          14.0 / 8);

  /**
   * The table of a name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static EnergyTable of(String name) {
    return switch (name) {
      case "45nm" -> NM45;
      case "7nm" -> NM7;
      default ->
          throw new IllegalArgumentException(
              "unknown energy table '%s'; there are 45nm and 7nm".formatted(name));
    };
  }

  /** Multiply-accumulate of floats. */
  public double floatMac() {
    return floatMultiply32 + floatAdd32;
  }

  /** Multiply-accumulate of 8-bit integers into 32 bits: the stem. */
  public double intMac() {
    return intMultiply8 + intAdd32;
  }

  /** Addition of a weight into a sum, which is all that a spike costs. */
  public double accumulate() {
    return intAdd32;
  }

  /** One bit of AND or XNOR and its counting: a full adder, an eighth of an 8-bit addition. */
  public double bitCount() {
    return intAdd8 / 8;
  }

  /** An adder network's step: an 8-bit difference and its accumulation. */
  public double difference() {
    return intAdd8 + intAdd32;
  }

  /** Comparison with a threshold. */
  public double compare() {
    return intAdd32;
  }
}
