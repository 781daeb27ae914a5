package io.popsight.imaging;

/**
 * The segments of a JPEG file, walked far enough to see whether its main picture ends. libjpeg
 * fills a truncated picture with grey and only warns, which would be a wrong answer here.
 */
final class JpegMarkers {

  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;

  private JpegMarkers() {}

  /** Whether an end-of-image marker follows the start of the main picture's scan. */
  static boolean complete(byte[] file) {
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 255) == 0xFF) {
      int marker = file[at + 1] & 255;
      if (marker == 0xFF) {
        at++;
        continue;
      }
      int length = ((file[at + 2] & 255) << 8) | (file[at + 3] & 255);
      at += 2 + length;
      if (marker == START_OF_SCAN) {
        return endsAfter(file, at);
      }
    }
    return false;
  }

  /** In coded data an FF is followed by 00 or a restart marker, so this pair ends the picture. */
  private static boolean endsAfter(byte[] file, int from) {
    for (int at = from; at + 1 < file.length; at++) {
      if ((file[at] & 255) == 0xFF && (file[at + 1] & 255) == END_OF_IMAGE) {
        return true;
      }
    }
    return false;
  }
}
