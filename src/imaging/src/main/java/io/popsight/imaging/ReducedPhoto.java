package io.popsight.imaging;

import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A photo decoded for a network alone: possibly with fewer pixels than it has, but no fewer than
 * the network sees. In native memory until it is closed. Not thread-safe.
 */
public final class ReducedPhoto implements AutoCloseable {

  private final Mat mat;
  private final int width;
  private final int height;

  /** Takes over a continuous matrix of three bytes a pixel; the sides are the photo's own. */
  ReducedPhoto(Mat mat, int width, int height) {
    this.mat = mat;
    this.width = width;
    this.height = height;
  }

  /** Columns of the photo itself. */
  public int width() {
    return width;
  }

  /** Rows of the photo itself. */
  public int height() {
    return height;
  }

  /** Takes the colours away, as {@link Photo#grayscale}. */
  public void grayscale() {
    Photo.grayscale(mat);
  }

  Mat mat() {
    return mat;
  }

  /** Frees the pixels; no other method may follow. */
  @Override
  public void close() {
    mat.close();
  }
}
