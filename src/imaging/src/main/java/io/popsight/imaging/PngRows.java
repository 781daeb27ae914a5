package io.popsight.imaging;

import static java.lang.Math.ceilDiv;

/**
 * The rows of a PNG before they are packed.
 *
 * @param depth bits of a channel
 * @param colourType as the header has it
 * @param interlaced whether the pixels come in Adam7's seven passes
 */
record PngRows(long width, long height, int depth, int colourType, boolean interlaced) {

  /** Where a pass begins and how far apart its pixels are: left, top, columns, rows. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  /** With each row's filter; 0 or less of a header that no PNG has. */
  long bytes() {
    if (!interlaced) {
      return bytes(width, height);
    }
    long bytes = 0;
    for (int[] pass : PASSES) {
      bytes += bytes(ceilDiv(width - pass[0], pass[2]), ceilDiv(height - pass[1], pass[3]));
    }
    return bytes;
  }

  private long bytes(long columns, long rows) {
    if (columns <= 0 || channels() == 0) {
      return 0;
    }
    return Math.max(rows, 0) * (1 + ceilDiv(columns * channels() * depth, 8));
  }

  private int channels() {
    return switch (colourType) {
      case 0, 3 -> 1;
      case 2 -> 3;
      case 4 -> 2;
      case 6 -> 4;
      default -> 0;
    };
  }
}
