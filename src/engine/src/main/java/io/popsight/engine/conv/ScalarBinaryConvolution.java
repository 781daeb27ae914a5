package io.popsight.engine.conv;

import io.popsight.engine.bits.BitMap;

/** The reference: every window, every output channel, every plane. */
record ScalarBinaryConvolution(ConvolutionShape shape, WeightPlanes weights)
    implements BinaryConvolution {

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    int[] sums = into.values();
    int outChannels = shape.output().channels();
    for (int column = 0; column < shape.output().columns(); column++) {
      int at =
          input.index(
              row * shape.stride() - shape.padding(), column * shape.stride() - shape.padding());
      for (int out = 0; out < outChannels; out++) {
        sums[column * shape.sumsPerPixel() + out] = sum(input, at, out);
      }
    }
  }

  private int sum(BitMap input, int at, int out) {
    // A window row is contiguous: the words of its pixels follow each other.
    int run = shape.kernel() * input.words();
    int window = shape.kernel() * run;
    int[] data = input.data();
    int sum = 0;
    for (int ky = 0; ky < shape.kernel(); ky++) {
      for (int i = 0; i < run; i++) {
        int active = data[at + ky * input.rowWords() + i];
        sum += weights.onesFactor() * Integer.bitCount(active);
        for (WeightPlanes.Plane plane : weights.planes()) {
          int mask = plane.bits()[out * window + ky * run + i];
          sum += plane.factor() * Integer.bitCount(active & mask);
        }
      }
    }
    return sum;
  }
}
