package io.popsight.imaging;

import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tile;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Moves a photo's pixels to where a {@link Letterbox} says; the same photo gives the same bytes.
 */
public final class Letterboxer {

  private Letterboxer() {}

  /**
   * Scales a photo into one place of a batch.
   *
   * @param pixels RGB, layout [N][inputHeight][inputWidth][3]
   * @param index place in the batch
   * @return where the photo lies
   */
  public static Letterbox place(
      Photo photo, byte[] pixels, int index, int inputWidth, int inputHeight) {
    return place(
        photo.mat(),
        Letterbox.fit(photo.width(), photo.height(), inputWidth, inputHeight),
        pixels,
        index);
  }

  /**
   * Scales a photo into one place of a batch.
   *
   * @param photo decoded for at least this input
   * @param pixels RGB, layout [N][inputHeight][inputWidth][3]
   * @param index place in the batch
   * @return where the photo lies
   */
  public static Letterbox place(
      ReducedPhoto photo, byte[] pixels, int index, int inputWidth, int inputHeight) {
    return place(
        photo.mat(),
        Letterbox.fit(photo.width(), photo.height(), inputWidth, inputHeight),
        pixels,
        index);
  }

  /**
   * Scales a part of a photo into the first place of a batch.
   *
   * @param photo decoded for at least {@link io.popsight.geometry.Tiling#pixels} of this input
   * @param tile of it
   * @param pixels RGB, layout [N][inputHeight][inputWidth][3]
   * @return where the tile lies
   */
  public static Letterbox place(
      ReducedPhoto photo, Tile tile, byte[] pixels, int inputWidth, int inputHeight) {
    Mat mat = photo.mat();
    double byX = (double) mat.cols() / photo.width();
    double byY = (double) mat.rows() / photo.height();
    // Of a photo that is a few pixels thin a tile has less than one when it is reduced.
    int left = (int) Math.min(Math.round(tile.left() * byX), mat.cols() - 1);
    int top = (int) Math.min(Math.round(tile.top() * byY), mat.rows() - 1);
    int right = (int) Math.max(Math.round((tile.left() + tile.width()) * byX), left + 1);
    int bottom = (int) Math.max(Math.round((tile.top() + tile.height()) * byY), top + 1);
    try (Rect window = new Rect(left, top, right - left, bottom - top);
        Mat part = new Mat(mat, window)) {
      return place(
          part, Letterbox.fit(tile.width(), tile.height(), inputWidth, inputHeight), pixels, 0);
    }
  }

  /** A photo as it lies in its letterbox, without the bars. */
  public static Photo scaled(Photo photo, Letterbox box) {
    return new Photo(resized(photo.mat(), box));
  }

  private static Letterbox place(Mat photo, Letterbox box, byte[] pixels, int index) {
    int inputWidth = box.inputWidth();
    int inputHeight = box.inputHeight();
    int bytes = inputWidth * inputHeight * 3;
    int start = Math.multiplyExact(index, bytes);
    try (Mat scaled = resized(photo, box)) {
      Arrays.fill(pixels, start, start + bytes, (byte) Letterbox.BAR);
      int row = box.width() * 3;
      try (BytePointer data = scaled.data()) {
        for (int y = 0; y < box.height(); y++) {
          int to = start + ((box.top() + y) * inputWidth + box.left()) * 3;
          data.position((long) y * row).get(pixels, to, row);
        }
      }
    }
    return box;
  }

  private static Mat resized(Mat photo, Letterbox box) {
    try (Size size = new Size(box.width(), box.height())) {
      Mat scaled = new Mat();
      opencv_imgproc.resize(photo, scaled, size, 0, 0, interpolation(box));
      return scaled;
    }
  }

  /** Averaging keeps small things when shrinking; when growing it would only repeat pixels. */
  private static int interpolation(Letterbox box) {
    boolean shrinks = box.width() < box.photoWidth() || box.height() < box.photoHeight();
    return shrinks ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_LINEAR;
  }
}
