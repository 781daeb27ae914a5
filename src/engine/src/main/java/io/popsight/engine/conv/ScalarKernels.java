package io.popsight.engine.conv;

import io.popsight.model.Weights;

/** Plain Java: runs anywhere. */
record ScalarKernels() implements KernelFamily {

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public Events events() {
    return Events.NEVER;
  }

  @Override
  public int sumsPerPixel(int outChannels) {
    return outChannels;
  }

  @Override
  public BinaryConvolution binary(ConvolutionShape shape, WeightPlanes weights) {
    return new ScalarBinaryConvolution(shape, weights);
  }

  @Override
  public BinaryConvolution events(ConvolutionShape shape, Weights weights) {
    return new ScalarBinaryConvolution(shape, WeightPlanes.of(weights));
  }

  @Override
  public BinaryConvolution depthwise(ConvolutionShape shape, Weights weights) {
    return new ScalarDepthwiseConvolution(shape, weights);
  }

  @Override
  public PhotoRows photo(int offset) {
    return new ScalarPhotoRows(offset);
  }

  @Override
  public PixelConvolution pixels(ConvolutionShape shape, Weights weights) {
    return new ScalarPixelConvolution(shape, weights);
  }

  @Override
  public Threshold threshold(int[] thresholds, int sumsPerPixel) {
    return new ScalarThreshold(thresholds, sumsPerPixel);
  }

  @Override
  public StreamUpdate stream(int[] factors, int[] offsets, int sumsPerPixel) {
    return new ScalarStreamUpdate(factors, offsets, sumsPerPixel);
  }
}
