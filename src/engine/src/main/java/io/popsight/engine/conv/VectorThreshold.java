package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Compares as many channels at once as there are lanes; the mask is the bits. */
final class VectorThreshold implements Threshold {

  private static final int LANES = INTS.length();

  /**
   * Filled up with thresholds that nothing reaches, so that bits beyond the last channel stay zero.
   */
  private final int[] thresholds;

  private final int sumsPerPixel;

  VectorThreshold(int[] thresholds, int sumsPerPixel) {
    this.thresholds = Arrays.copyOf(thresholds, sumsPerPixel);
    Arrays.fill(this.thresholds, thresholds.length, sumsPerPixel, Integer.MAX_VALUE);
    this.sumsPerPixel = sumsPerPixel;
  }

  @Override
  public void row(int[] sums, int row, BitMap output) {
    long[] data = output.data();
    int words = output.words();
    for (int column = 0; column < output.shape().columns(); column++) {
      int at = output.index(row, column);
      int pixel = column * sumsPerPixel;
      for (int word = 0; word < words; word++) {
        int first = word * Long.SIZE;
        int last = Math.min(first + Long.SIZE, sumsPerPixel);
        long bits = 0;
        for (int c = first; c < last; c += LANES) {
          bits |= fired(sums, pixel + c, c) << (c - first);
        }
        data[at + word] = bits;
      }
    }
  }

  private long fired(int[] sums, int at, int channel) {
    return IntVector.fromArray(INTS, sums, at)
        .compare(VectorOperators.GE, IntVector.fromArray(INTS, thresholds, channel))
        .toLong();
  }
}
