package io.popsight.engine.conv;

import io.popsight.model.Weights;

/** Makes kernels of one kind. */
public sealed interface KernelFamily permits ScalarKernels, VectorKernels {

  /** Which convolutions go event by event rather than by counting. */
  enum Events {
    /** None. */
    NEVER,
    /** All that can. */
    ALWAYS,
    /** Those that were measured to be faster so. */
    MEASURED
  }

  /** {@code scalar}, or {@code vector-} and the width in bits. */
  String name();

  /** Which convolutions of spikes go event by event. */
  Events events();

  /** Ints that a pixel takes in a row of sums, so that no kernel writes beyond its pixel. */
  int sumsPerPixel(int outChannels);

  /** Bits by integers, counted under masks: the time goes with the weights' bits. */
  BinaryConvolution binary(ConvolutionShape shape, WeightPlanes weights);

  /** The same one by one: the time goes with the spike rate, where a family can. */
  BinaryConvolution events(ConvolutionShape shape, Weights weights);

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
