package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Integer weights as bit planes: {@code sum = ones(a) * onesFactor + sum over planes of factor *
 * popcount(a & plane)}. One bit is the mask of +1 with factor 2 and onesFactor -1; ternary a plus
 * and a minus mask; more bits two's complement, the highest plane negative.
 *
 * @param onesFactor factor of the number of ones in the window
 * @param planes the masks
 */
public record WeightPlanes(int onesFactor, List<Plane> planes) {

  /**
   * A mask of weights.
   *
   * @param factor what a bit of it counts
   * @param bits layout [out][row][column][word]
   */
  public record Plane(int factor, int[] bits) {}

  /** Splits weights. */
  public static WeightPlanes of(Weights weights) {
    List<Plane> planes = new ArrayList<>();
    switch (weights.bits()) {
      case 1 -> planes.add(plane(weights, 2, w -> w > 0));
      case 2 -> {
        planes.add(plane(weights, 1, w -> w > 0));
        planes.add(plane(weights, -1, w -> w < 0));
      }
      default -> {
        for (int bit = 0; bit < weights.bits(); bit++) {
          int shift = bit;
          int factor = bit == weights.bits() - 1 ? -(1 << bit) : 1 << bit;
          planes.add(plane(weights, factor, w -> ((w >> shift) & 1) != 0));
        }
      }
    }
    return new WeightPlanes(weights.bits() == 1 ? -1 : 0, List.copyOf(planes));
  }

  /** Bytes of all planes. */
  public long bytes() {
    return planes.stream().mapToLong(plane -> (long) plane.bits().length * Integer.BYTES).sum();
  }

  private static Plane plane(Weights weights, int factor, java.util.function.IntPredicate set) {
    int words = BitMap.wordsFor(weights.inChannels());
    int k = weights.kernel();
    int[] bits = new int[weights.outChannels() * k * k * words];
    for (int out = 0; out < weights.outChannels(); out++) {
      for (int row = 0; row < k; row++) {
        for (int column = 0; column < k; column++) {
          int at = ((out * k + row) * k + column) * words;
          for (int in = 0; in < weights.inChannels(); in++) {
            if (set.test(weights.at(out, in, row, column))) {
              bits[at + in / BitMap.WORD] |= 1 << in;
            }
          }
        }
      }
    }
    return new Plane(factor, bits);
  }
}
