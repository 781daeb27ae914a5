package io.popsight.imaging;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;

/** A decoded photo, 8-bit RGB, in native memory until it is closed. Not thread-safe. */
public final class Photo implements AutoCloseable {

  private final Mat mat;

  /** Takes over a continuous matrix of three bytes a pixel. */
  Photo(Mat mat) {
    this.mat = mat;
  }

  /**
   * A photo from pixels.
   *
   * @param rgb layout [rows][columns][3]
   * @throws IllegalArgumentException if the sides do not multiply up to the bytes' number
   */
  public static Photo of(int width, int height, byte[] rgb) {
    if (width < 1 || height < 1 || 3L * width * height != rgb.length) {
      throw new IllegalArgumentException(
          "%d bytes for a photo of %dx%d".formatted(rgb.length, width, height));
    }
    OpenCv.load();
    Mat mat = new Mat(height, width, opencv_core.CV_8UC3);
    try (BytePointer data = mat.data()) {
      data.put(rgb);
    }
    return new Photo(mat);
  }

  /** Columns. */
  public int width() {
    return mat.cols();
  }

  /** Rows. */
  public int height() {
    return mat.rows();
  }

  /** A copy of the pixels, layout [rows][columns][3]. */
  public byte[] rgb() {
    byte[] rgb = new byte[Math.multiplyExact(3 * width(), height())];
    try (BytePointer data = mat.data()) {
      data.get(rgb);
    }
    return rgb;
  }

  /**
   * A copy of a part.
   *
   * @param left first column
   * @param top first row
   * @throws IllegalArgumentException if it is empty or not within the photo
   */
  public Photo part(int left, int top, int columns, int rows) {
    boolean within =
        left >= 0
            && top >= 0
            && columns > 0
            && rows > 0
            && columns <= width() - left
            && rows <= height() - top;
    if (!within) {
      throw new IllegalArgumentException(
          "%dx%d from (%d, %d) on is not within a photo of %dx%d"
              .formatted(columns, rows, left, top, width(), height()));
    }
    try (Rect window = new Rect(left, top, columns, rows);
        Mat view = new Mat(mat, window)) {
      return new Photo(view.clone());
    }
  }

  /** Takes the colours away: each pixel gets its luma (ITU-R BT.601) in all three channels. */
  public void grayscale() {
    grayscale(mat);
  }

  static void grayscale(Mat rgb) {
    try (Mat grey = new Mat()) {
      opencv_imgproc.cvtColor(rgb, grey, opencv_imgproc.COLOR_RGB2GRAY);
      opencv_imgproc.cvtColor(grey, rgb, opencv_imgproc.COLOR_GRAY2RGB);
    }
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
