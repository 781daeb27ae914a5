package io.popsight.imaging;

import io.popsight.imaging.PhotoRefusedException.Reason;
import java.util.function.IntConsumer;
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
   * As above, where memory is counted.
   *
   * @param room is told how many bytes the file has before they come onto the heap, and may refuse
   */
  public static byte[] jpeg(Photo photo, IntConsumer room) {
    return jpeg(photo, QUALITY, room);
  }

  /**
   * A JPEG file.
   *
   * @param quality 0 to 100
   * @throws PhotoRefusedException for a side of more than 65,500 pixels
   */
  public static byte[] jpeg(Photo photo, int quality) {
    return jpeg(photo, quality, _ -> {});
  }

  private static byte[] jpeg(Photo photo, int quality, IntConsumer room) {
    if (Math.max(photo.width(), photo.height()) > LONGEST_JPEG_SIDE) {
      throw new PhotoRefusedException(
          Reason.TOO_MANY_PIXELS,
          "%d x %d pixels do not fit into a JPEG, whose sides have at most %d; PNG holds them"
              .formatted(photo.width(), photo.height(), LONGEST_JPEG_SIDE));
    }
    return encode(photo, ".jpg", room, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality);
  }

  /** A PNG file. */
  public static byte[] png(Photo photo) {
    return png(photo, _ -> {});
  }

  /** A PNG file, where memory is counted as for a JPEG. */
  public static byte[] png(Photo photo, IntConsumer room) {
    return encode(photo, ".png", room);
  }

  private static byte[] encode(Photo photo, String extension, IntConsumer room, int... options) {
    try (Mat bgr = new Mat();
        BytePointer file = new BytePointer();
        IntPointer parameters = new IntPointer(options)) {
      opencv_imgproc.cvtColor(photo.mat(), bgr, opencv_imgproc.COLOR_RGB2BGR);
      if (!opencv_imgcodecs.imencode(extension, bgr, file, parameters)) {
        throw new IllegalStateException("OpenCV cannot write " + extension);
      }
      int length = Math.toIntExact(file.limit());
      room.accept(length);
      byte[] bytes = new byte[length];
      file.get(bytes);
      return bytes;
    }
  }
}
