package io.popsight.benchmarks;

import io.popsight.model.Weights;
import java.util.Random;

/** Weights to time kernels on. */
final class RandomLayer {

  private RandomLayer() {}

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
