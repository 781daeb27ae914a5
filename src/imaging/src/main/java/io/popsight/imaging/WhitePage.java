package io.popsight.imaging;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** What a viewer shows behind a transparent picture. */
final class WhitePage {

  /** Of a picture that has a transparency. */
  static final int CHANNELS = 4;

  private static final int WHITE = 255;

  private WhitePage() {}

  /**
   * The picture as seen on the page, 8-bit RGB. One of 8 bits is overwritten, row by row, so that
   * no second one is held.
   *
   * @param bgra continuous, 8 or 16 bits a channel; taken over
   */
  static Mat under(Mat bgra) {
    try (bgra) {
      int rows = bgra.rows();
      int columns = bgra.cols();
      int channelBytes = (int) bgra.elemSize1();
      Mat seen =
          channelBytes == 1 ? withoutFourthPart(bgra) : new Mat(rows, columns, opencv_core.CV_8UC3);
      byte[] row = new byte[columns * CHANNELS * channelBytes];
      byte[] blended = new byte[columns * (CHANNELS - 1)];
      try (BytePointer from = bgra.data();
          BytePointer to = seen.data()) {
        for (int y = 0; y < rows; y++) {
          from.position((long) y * row.length).get(row);
          blend(row, channelBytes, blended);
          to.position((long) y * blended.length).put(blended);
        }
      }
      return seen;
    }
  }

  /** Three channels in the first three quarters of the memory. */
  private static Mat withoutFourthPart(Mat bgra) {
    int rows = bgra.rows();
    try (Mat bytes = bgra.reshape(1, CHANNELS * rows);
        Mat part = bytes.rowRange(0, (CHANNELS - 1) * rows)) {
      return part.reshape(CHANNELS - 1, rows);
    }
  }

  /** Of 16 bits the upper eight count, as where OpenCV makes eight of them. */
  private static void blend(byte[] bgra, int channelBytes, byte[] rgb) {
    int upper = channelBytes - 1;
    for (int i = 0, at = upper; i < rgb.length; i += 3, at += CHANNELS * channelBytes) {
      int alpha = bgra[at + 3 * channelBytes] & 0xff;
      rgb[i] = blend(bgra[at + 2 * channelBytes], alpha);
      rgb[i + 1] = blend(bgra[at + channelBytes], alpha);
      rgb[i + 2] = blend(bgra[at], alpha);
    }
  }

  private static byte blend(byte colour, int alpha) {
    int darker = WHITE - (colour & 0xff);
    return (byte) (WHITE - (darker * alpha + WHITE / 2) / WHITE);
  }
}
