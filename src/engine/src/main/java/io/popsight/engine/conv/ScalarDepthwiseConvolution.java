package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;

/** The reference: every window of every channel. */
record ScalarDepthwiseConvolution(ConvolutionShape shape, Weights weights)
    implements BinaryConvolution {

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    for (int column = 0; column < shape.output().columns(); column++) {
      for (int c = 0; c < shape.output().channels(); c++) {
        into.values()[column * shape.sumsPerPixel() + c] = sum(input, row, column, c);
      }
    }
  }

  private int sum(BitMap input, int row, int column, int c) {
    int sum = 0;
    for (int ky = 0; ky < shape.kernel(); ky++) {
      for (int kx = 0; kx < shape.kernel(); kx++) {
        int pixel =
            input.index(
                row * shape.stride() - shape.padding() + ky,
                column * shape.stride() - shape.padding() + kx);
        int word = input.data()[pixel + c / BitMap.WORD];
        sum += (word >>> c & 1) * weights.at(c, 0, ky, kx);
      }
    }
    return sum;
  }
}
