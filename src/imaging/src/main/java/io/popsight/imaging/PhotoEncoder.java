package io.popsight.imaging;

import io.popsight.imaging.PhotoRefusedException.Reason;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;

/** Photos back into files. */
public final class PhotoEncoder {

  private static final int QUALITY = 92;

  /** Of libjpeg. */
  private static final int LONGEST_JPEG_SIDE = 65_500;

  private PhotoEncoder() {}

  /**
   * A JPEG file of good quality.
   *
   * @throws PhotoRefusedException for a side of more than 65,500 pixels
   */
  public static byte[] jpeg(Photo photo) {
    return jpeg(photo, QUALITY);
  }

  /**
   * A JPEG file.
   *
   * @param quality 0 to 100
   * @throws PhotoRefusedException for a side of more than 65,500 pixels
   */
  public static byte[] jpeg(Photo photo, int quality) {
    if (Math.max(photo.width(), photo.height()) > LONGEST_JPEG_SIDE) {
      throw new PhotoRefusedException(
          Reason.TOO_MANY_PIXELS,
          "%d x %d pixels do not fit into a JPEG, whose sides have at most %d; PNG holds them"
              .formatted(photo.width(), photo.height(), LONGEST_JPEG_SIDE));
    }
    return encode(photo, ".jpg", opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality);
  }

  /** A PNG file. */
  public static byte[] png(Photo photo) {
    return encode(photo, ".png");
  }

  private static byte[] encode(Photo photo, String extension, int... options) {
    try (Mat bgr = new Mat();
        BytePointer file = new BytePointer();
        IntPointer parameters = new IntPointer(options)) {
      opencv_imgproc.cvtColor(photo.mat(), bgr, opencv_imgproc.COLOR_RGB2BGR);
      if (!opencv_imgcodecs.imencode(extension, bgr, file, parameters)) {
        throw new IllegalStateException("OpenCV cannot write " + extension);
      }
      byte[] bytes = new byte[Math.toIntExact(file.limit())];
      file.get(bytes);
      return bytes;
    }
  }
}
