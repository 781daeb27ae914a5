package io.popsight;

import java.nio.charset.StandardCharsets;

/**
 * Messages that quote what somebody else wrote, of a length that a line of a log and a header hold.
 */
public final class Shortened {

  /** As UTF-8: gRPC has a message twice in its trailers, and of those 8 KB are read. */
  public static final int MOST_BYTES = 1500;

  private static final String BETWEEN = " ... ";
  private static final int KEPT = (MOST_BYTES - BETWEEN.length()) / 2;

  private Shortened() {}

  /** The message, or its start, which says where, and its end, which says what is allowed there. */
  public static String of(String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MOST_BYTES) {
      return message;
    }
    int start = KEPT;
    while (isInsideCharacter(bytes[start])) {
      start--;
    }
    int end = bytes.length - KEPT;
    while (isInsideCharacter(bytes[end])) {
      end++;
    }
    return new String(bytes, 0, start, StandardCharsets.UTF_8)
        + BETWEEN
        + new String(bytes, end, bytes.length - end, StandardCharsets.UTF_8);
  }

  private static boolean isInsideCharacter(byte utf8) {
    return (utf8 & 0xc0) == 0x80;
  }
}
