package io.popsight.engine.conv;

import io.popsight.model.Weights;

/** The Vector API at the machine's width. */
record VectorKernels(Events events) implements KernelFamily {

  @Override
  public String name() {
    return "vector-" + Lanes.INTS.vectorBitSize();
  }

  @Override
  public int sumsPerPixel(int outChannels) {
    int tile = Lanes.INTS.length();
    return (outChannels + tile - 1) / tile * tile;
  }

  @Override
  public BinaryConvolution binary(ConvolutionShape shape, WeightPlanes weights) {
    return new VectorBinaryConvolution(shape, weights);
  }

  @Override
  public BinaryConvolution events(ConvolutionShape shape, Weights weights) {
    return shape.sharesOnes(weights.bits())
        ? new VectorColumnEvents(shape, weights)
        : new VectorEventConvolution(shape, weights);
  }

  @Override
  public BinaryConvolution depthwise(ConvolutionShape shape, Weights weights) {
    return new VectorDepthwiseConvolution(shape, weights);
  }

  @Override
  public PhotoRows photo(int offset) {
    return new VectorPhotoRows(offset);
  }

  @Override
  public PixelConvolution pixels(ConvolutionShape shape, Weights weights) {
    return new VectorPixelConvolution(shape, weights);
  }

  @Override
  public Threshold threshold(int[] thresholds, int sumsPerPixel) {
    return new VectorThreshold(thresholds, sumsPerPixel);
  }

  @Override
  public StreamUpdate stream(int[] factors, int[] offsets, int sumsPerPixel) {
    return new VectorStreamUpdate(factors, offsets, sumsPerPixel);
  }
}
