package io.popsight.trainer.loss;

import io.popsight.geometry.BoundingBox;

/**
 * The cells of all heads in one row, finest stride first: their centres and strides in input
 * pixels.
 */
public final class CellGrid {

  private final float[] x;
  private final float[] y;
  private final float[] stride;

  /** The grid of an input whose sides are multiples of the strides. */
  public CellGrid(int inputHeight, int inputWidth, int... strides) {
    int size = 0;
    for (int s : strides) {
      size += inputHeight / s * (inputWidth / s);
    }
    x = new float[size];
    y = new float[size];
    stride = new float[size];
    int cell = 0;
    for (int s : strides) {
      for (int row = 0; row < inputHeight / s; row++) {
        for (int column = 0; column < inputWidth / s; column++) {
          x[cell] = (column + 0.5f) * s;
          y[cell] = (row + 0.5f) * s;
          stride[cell++] = s;
        }
      }
    }
  }

  /** Number of cells. */
  public int size() {
    return x.length;
  }

  float x(int cell) {
    return x[cell];
  }

  float y(int cell) {
    return y[cell];
  }

  float stride(int cell) {
    return stride[cell];
  }

  boolean centreIn(int cell, BoundingBox box) {
    return x[cell] > box.xMin()
        && x[cell] < box.xMax()
        && y[cell] > box.yMin()
        && y[cell] < box.yMax();
  }

  /** The box that four log-distances in strides make around a cell's centre. */
  BoundingBox box(int cell, float left, float top, float right, float bottom) {
    float s = stride[cell];
    return new BoundingBox(
        x[cell] - s * (float) Math.exp(left),
        y[cell] - s * (float) Math.exp(top),
        x[cell] + s * (float) Math.exp(right),
        y[cell] + s * (float) Math.exp(bottom));
  }
}
