package io.popsight.benchmarks;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Shape;
import java.util.Random;

/** Maps to time kernels on. */
final class RandomSpikes {

  private RandomSpikes() {}

  /** A map with a border of one pixel in which each unit fires with some probability. */
  static BitMap map(Shape shape, double rate, Random random) {
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
}
