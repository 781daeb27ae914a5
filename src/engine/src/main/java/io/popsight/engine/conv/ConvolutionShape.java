package io.popsight.engine.conv;

import io.popsight.model.Shape;

/**
 * Sizes of a convolution.
 *
 * @param output channels, rows and columns made
 * @param kernel side of the window
 * @param stride step of the window
 * @param padding zeros around the input
 * @param sumsPerPixel ints that a pixel takes in a row of sums: at least the output's channels
 */
public record ConvolutionShape(
    Shape output, int kernel, int stride, int padding, int sumsPerPixel) {

  /**
   * Whether windows share what they have seen when they go event by event: those of 3x3 that move
   * by a pixel, two of three columns and rows.
   *
   * @param bits of the weights
   */
  public boolean sharesOnes(int bits) {
    return kernel == 3 && stride == 1 && bits <= 2;
  }
}
