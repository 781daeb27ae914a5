package io.popsight.benchmarks;

import ai.onnxruntime.OrtException;
import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.RowSums;
import io.popsight.engine.conv.Threshold;
import io.popsight.engine.conv.WeightPlanes;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.Arrays;
import java.util.Random;

/** One 3x3 layer of 1-bit weights, threshold and packing included, against Conv + Relu. */
record LayerBench(int rows, int columns, int in, int out) {

  private static final double SPIKE_RATE = 0.25;
  private static final int KERNEL = 3;

  /** Milliseconds of each. */
  record Times(double popcount, double ortFloat, double ortInt8) {}

  Times measure(KernelFamily kernels) throws OrtException {
    Shape input = new Shape(in, rows, columns);
    long[] shape = {1, in, rows, columns};
    try (OrtTimer fp32 = new OrtTimer(FloatTwin.layer(input, out, KERNEL, 1, false), shape);
        OrtTimer int8 = new OrtTimer(FloatTwin.layer(input, out, KERNEL, 1, true), shape)) {
      double[] medians = Medians.of(popcount(kernels, input), fp32, int8);
      return new Times(medians[0], medians[1], medians[2]);
    }
  }

  double macs() {
    return (double) rows * columns * in * out * KERNEL * KERNEL;
  }

  private Runnable popcount(KernelFamily kernels, Shape input) {
    Random random = new Random(3);
    Weights weights = RandomLayer.weights(out, in, KERNEL, 1, random);
    Shape output = new Shape(out, rows, columns);
    ConvolutionShape shape = new ConvolutionShape(output, KERNEL, 1, 1, kernels.sumsPerPixel(out));
    BinaryConvolution convolution = kernels.binary(shape, WeightPlanes.of(weights));
    int[] thresholds = new int[out];
    Arrays.fill(thresholds, 5);
    Threshold threshold = kernels.threshold(thresholds, shape.sumsPerPixel());
    BitMap from = BitMap.random(input, 1, SPIKE_RATE, random);
    BitMap to = new BitMap(output, 1);
    RowSums sums = RowSums.of(columns * shape.sumsPerPixel(), 0, columns);
    return () -> {
      for (int row = 0; row < rows; row++) {
        convolution.row(from, row, sums);
        threshold.row(sums.values(), 0, row, to);
      }
    };
  }
}
