package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * How a photo is to be turned before a person looks at it. OpenCV's own reader gives up at any tag
 * of EXIF that is damaged, and turns no photo whose transparency it keeps.
 *
 * @param number as EXIF numbers them: 1 leaves the photo as it is
 */
record Orientation(int number) {

  static final Orientation UPRIGHT = new Orientation(1);

  private static final int TAG = 0x0112;
  private static final int LONG = 4;
  private static final int ENTRY = 12;

  /** Of EXIF, with or without the six bytes that introduce it in a JPEG; upright where in doubt. */
  static Orientation in(ByteBuffer file, int at, int length) {
    try {
      int introduction = file.get(at) == 'E' ? 6 : 0;
      return ofTiff(file.slice(at + introduction, length - introduction));
    } catch (IndexOutOfBoundsException e) {
      return UPRIGHT;
    }
  }

  private static Orientation ofTiff(ByteBuffer tiff) {
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    int entries = tiff.getShort(directory) & 0xffff;
    for (int entry = 0; entry < entries; entry++) {
      int at = directory + 2 + entry * ENTRY;
      if ((tiff.getShort(at) & 0xffff) == TAG) {
        int number = tiff.getShort(at + 2) == LONG ? tiff.getInt(at + 8) : tiff.getShort(at + 8);
        return number >= 1 && number <= 8 ? new Orientation(number) : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /** Whether columns become rows. */
  boolean swapsSides() {
    return number > 4;
  }

  void turn(Mat photo) {
    if (swapsSides()) {
      opencv_core.transpose(photo, photo);
    }
    switch (number) {
      case 2, 6 -> opencv_core.flip(photo, photo, 1);
      case 3, 7 -> opencv_core.flip(photo, photo, -1);
      case 4, 8 -> opencv_core.flip(photo, photo, 0);
      default -> {
        // Upright, or transposed alone.
      }
    }
  }
}
