package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** The reference. */
record ScalarThreshold(int[] thresholds, int sumsPerPixel) implements Threshold {

  @Override
  public void row(int[] sums, int from, int row, BitMap output) {
    for (int column = 0; column < output.shape().columns(); column++) {
      int at = output.index(row, column);
      for (int word = 0; word < output.words(); word++) {
        output.data()[at + word] = word(sums, from + column * sumsPerPixel, word);
      }
    }
    output.countRow(row);
  }

  private int word(int[] sums, int pixel, int word) {
    int first = word * BitMap.WORD;
    int bits = 0;
    for (int c = first; c < Math.min(thresholds.length, first + BitMap.WORD); c++) {
      if (sums[pixel + c] >= thresholds[c]) {
        bits |= 1 << c;
      }
    }
    return bits;
  }
}
