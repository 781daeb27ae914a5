package io.popsight.engine.conv;

import io.popsight.model.Weights;

/** Makes kernels of one kind. */
public sealed interface KernelFamily permits ScalarKernels, VectorKernels {

  /** {@code scalar}, or {@code vector-} and the width in bits. */
  String name();

  /** Ints that a pixel takes in a row of sums, so that no kernel writes beyond its pixel. */
  int sumsPerPixel(int outChannels);

  /** Bits by integers. */
  BinaryConvolution binary(ConvolutionShape shape, WeightPlanes weights);

  /**
   * Bits by integers, each channel by itself.
   *
   * @param weights of one input channel an output channel
   */
  BinaryConvolution depthwise(ConvolutionShape shape, Weights weights);

  /** Bytes to pixels, less an offset. */
  PhotoRows photo(int offset);

  /** Pixels by integers. */
  PixelConvolution pixels(ConvolutionShape shape, Weights weights);

  /** Sums to bits. */
  Threshold threshold(int[] thresholds, int sumsPerPixel);

  /** Sums to a stream. */
  StreamUpdate stream(int[] factors, int[] offsets, int sumsPerPixel);
}
