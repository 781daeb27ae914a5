package io.popsight.benchmarks;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.Random;

/** Spikes and weights to time kernels on. */
final class RandomLayer {

  private RandomLayer() {}

  /** A map with a border of one pixel in which each unit fires with some probability. */
  static BitMap spikes(Shape shape, double rate, Random random) {
    BitMap map = new BitMap(shape, 1);
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        for (int c = 0; c < shape.channels(); c++) {
          if (random.nextDouble() < rate) {
            map.data()[map.index(row, column) + c / BitMap.WORD] |= 1 << c;
          }
        }
      }
      map.countRow(row);
    }
    return map;
  }

  /**
   * Weights of a width.
   *
   * @param bits 1, 2 (ternary), 4 or 8
   */
  static Weights weights(int out, int in, int kernel, int bits, Random random) {
    byte[] values = new byte[out * in * kernel * kernel];
    int most = (1 << (bits - 1)) - 1;
    for (int i = 0; i < values.length; i++) {
      values[i] =
          (byte) (bits == 1 ? random.nextBoolean() ? 1 : -1 : random.nextInt(2 * most + 1) - most);
    }
    return new Weights(out, in, kernel, values);
  }
}
