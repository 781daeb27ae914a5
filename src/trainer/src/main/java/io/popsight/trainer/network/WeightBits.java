package io.popsight.trainer.network;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Width of a layer's weights: 1, 2 (ternary), 4, 8, or float. */
public enum WeightBits {
  /** -1 and +1. */
  ONE(1),
  /** -1, 0 and +1. */
  TERNARY(2),
  /** -7 to 7. */
  FOUR(4),
  /** -127 to 127. */
  EIGHT(8),
  /** As trained, unrounded: for comparison, on the onnx backend alone. */
  FLOAT(32);

  private final int bits;

  WeightBits(int bits) {
    this.bits = bits;
  }

  /**
   * As it stands in a configuration.
   *
   * @throws IllegalArgumentException if it is none of 1, 2, 4, 8 and float
   */
  @JsonCreator
  public static WeightBits of(String text) {
    return Arrays.stream(values())
        .filter(width -> width.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "weight bits '%s'; 1, 2, 4, 8 or float".formatted(text)));
  }

  /** As it stands in a configuration. */
  @JsonValue
  public String text() {
    return this == FLOAT ? "float" : String.valueOf(bits);
  }

  /** Bits in memory, a weight. */
  public int bits() {
    return bits;
  }

  /** Whether weights are whole numbers times a scale. */
  public boolean integer() {
    return this != FLOAT;
  }
}
