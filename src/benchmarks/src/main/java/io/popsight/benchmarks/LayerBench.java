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

  static final double SPIKE_RATE = 0.25;

  /** Of the kernel whose time goes with it: what layers of the shipped models have. */
  static final double EVENTS_SPIKE_RATE = 0.1;

  private static final int KERNEL = 3;

  /** Milliseconds of each. */
  record Times(double popcount, double events, double ortFloat, double ortInt8) {}

  Times measure(KernelFamily kernels) throws OrtException {
    Shape input = new Shape(in, rows, columns);
    long[] shape = {1, in, rows, columns};
    try (OrtTimer fp32 = new OrtTimer(FloatTwin.layer(input, out, KERNEL, false), shape);
        OrtTimer int8 = new OrtTimer(FloatTwin.layer(input, out, KERNEL, true), shape)) {
      Weights weights = RandomLayer.weights(out, in, KERNEL, 1, new Random(3));
      ConvolutionShape convolution =
          new ConvolutionShape(
              new Shape(out, rows, columns), KERNEL, 1, 1, kernels.sumsPerPixel(out));
      BinaryConvolution counting = kernels.binary(convolution, WeightPlanes.of(weights));
      BinaryConvolution events = kernels.events(convolution, weights);
      double[] medians =
          Medians.of(
              layer(kernels, convolution, counting, SPIKE_RATE),
              layer(kernels, convolution, events, EVENTS_SPIKE_RATE),
              fp32,
              int8);
      return new Times(medians[0], medians[1], medians[2], medians[3]);
    }
  }

  double macs() {
    return (double) rows * columns * in * out * KERNEL * KERNEL;
  }

  private Runnable layer(
      KernelFamily kernels, ConvolutionShape shape, BinaryConvolution convolution, double rate) {
    int[] thresholds = new int[out];
    Arrays.fill(thresholds, 5);
    Threshold threshold = kernels.threshold(thresholds, shape.sumsPerPixel());
    BitMap from = BitMap.random(new Shape(in, rows, columns), 1, rate, new Random(4));
    BitMap to = new BitMap(shape.output(), 1);
    RowSums sums =
        RowSums.of(
            columns * shape.sumsPerPixel(), convolution.room(), convolution.weightRoom(), columns);
    return () -> {
      sums.weights().forget();
      for (int row = 0; row < rows; row++) {
        convolution.row(from, row, row > 0, sums);
        threshold.row(sums.values(), 0, row, to);
      }
    };
  }
}
