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
   * Filled up to whole words with thresholds that nothing reaches, so that bits beyond the last
   * channel stay zero.
   */
  private final int[] thresholds;

  private final int sumsPerPixel;

  VectorThreshold(int[] thresholds, int sumsPerPixel) {
    this.thresholds = Arrays.copyOf(thresholds, BitMap.wordsFor(thresholds.length) * BitMap.WORD);
    Arrays.fill(this.thresholds, thresholds.length, this.thresholds.length, Integer.MAX_VALUE);
    this.sumsPerPixel = sumsPerPixel;
  }

  @Override
  public void row(int[] sums, int from, int row, BitMap output) {
    Arrays.fill(
        output.ones(), output.pixel(row, 0), output.pixel(row, output.shape().columns()), 0);
    for (int word = 0; word < output.words(); word++) {
      int sum = from + word * BitMap.WORD;
      switch (BitMap.WORD / LANES) {
        case 2 -> twoVectors(sums, sum, row, output, word);
        case 4 -> fourVectors(sums, sum, row, output, word);
        default -> vectors(sums, sum, row, output, word);
      }
    }
  }

  // The words' loop is outside so that the thresholds of a word stay in registers for a row. They
  // are local variables because C2 cannot know that the output is not the array they come from.

  private void twoVectors(int[] sums, int from, int row, BitMap output, int word) {
    int[] data = output.data();
    int[] ones = output.ones();
    int words = output.words();
    int at = output.index(row, 0) + word;
    int pixel = output.pixel(row, 0);
    int columns = output.shape().columns();
    IntVector t0 = threshold(word, 0);
    IntVector t1 = threshold(word, 1);
    for (int column = 0; column < columns; column++) {
      int s = from + column * sumsPerPixel;
      int bits = fired(sums, s, t0) | fired(sums, s + LANES, t1) << LANES;
      data[at + column * words] = bits;
      ones[pixel + column] += Integer.bitCount(bits);
    }
  }

  private void fourVectors(int[] sums, int from, int row, BitMap output, int word) {
    int[] data = output.data();
    int[] ones = output.ones();
    int words = output.words();
    int at = output.index(row, 0) + word;
    int pixel = output.pixel(row, 0);
    int columns = output.shape().columns();
    IntVector t0 = threshold(word, 0);
    IntVector t1 = threshold(word, 1);
    IntVector t2 = threshold(word, 2);
    IntVector t3 = threshold(word, 3);
    for (int column = 0; column < columns; column++) {
      int s = from + column * sumsPerPixel;
      int bits =
          fired(sums, s, t0)
              | fired(sums, s + LANES, t1) << LANES
              | fired(sums, s + 2 * LANES, t2) << (2 * LANES)
              | fired(sums, s + 3 * LANES, t3) << (3 * LANES);
      data[at + column * words] = bits;
      ones[pixel + column] += Integer.bitCount(bits);
    }
  }

  private void vectors(int[] sums, int from, int row, BitMap output, int word) {
    int pixel = output.pixel(row, 0);
    for (int column = 0; column < output.shape().columns(); column++) {
      int s = from + column * sumsPerPixel;
      int bits = 0;
      for (int v = 0; v < BitMap.WORD / LANES; v++) {
        bits |= fired(sums, s + v * LANES, threshold(word, v)) << (v * LANES);
      }
      output.data()[output.index(row, column) + word] = bits;
      output.ones()[pixel + column] += Integer.bitCount(bits);
    }
  }

  private IntVector threshold(int word, int vector) {
    return IntVector.fromArray(INTS, thresholds, word * BitMap.WORD + vector * LANES);
  }

  private static int fired(int[] sums, int at, IntVector thresholds) {
    return (int)
        IntVector.fromArray(INTS, sums, at).compare(VectorOperators.GE, thresholds).toLong();
  }
}
