package io.popsight.engine.conv;

import io.popsight.model.Weights;

/** The reference. */
record ScalarPixelConvolution(ConvolutionShape shape, Weights weights) implements PixelConvolution {

  @Override
  public void row(PixelMap input, int row, RowSums into) {
    int[] sums = into.values();
    for (int column = 0; column < shape.output().columns(); column++) {
      for (int out = 0; out < shape.output().channels(); out++) {
        sums[column * shape.sumsPerPixel() + out] = sum(input, row, column, out);
      }
    }
  }

  private int sum(PixelMap input, int row, int column, int out) {
    float sum = 0;
    for (int ky = 0; ky < shape.kernel(); ky++) {
      for (int kx = 0; kx < shape.kernel(); kx++) {
        int at =
            input.index(
                row * shape.stride() - shape.padding() + ky,
                column * shape.stride() - shape.padding() + kx);
        for (int in = 0; in < PixelMap.CHANNELS; in++) {
          sum += input.data()[at + in] * weights.at(out, in, ky, kx);
        }
      }
    }
    return (int) sum;
  }
}
