package io.popsight.service.desk;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Bytes in a document, as people and browsers write them. */
public final class Base64Text {

  private Base64Text() {}

  /**
   * The bytes of a text, which may be broken into lines, and be the data URL that a browser makes
   * of a file.
   *
   * @throws IllegalArgumentException if it is no base64
   */
  public static byte[] decode(String text) {
    String bare = text.startsWith("data:") ? text.substring(text.indexOf(',') + 1) : text;
    return decode(bare.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * A photo, or the bytes of its text where that came in its place: no kind of photo is made of
   * base64's letters alone.
   *
   * @param photo is used up
   * @throws IllegalArgumentException if it is neither
   */
  public static byte[] photo(byte[] photo) {
    for (byte each : photo) {
      if (!isLetter((char) each)) {
        return photo;
      }
    }
    return decode(photo);
  }

  private static boolean isLetter(char c) {
    return c < 128
        && (Character.isLetterOrDigit(c) || Character.isWhitespace(c) || "+/=".indexOf(c) >= 0);
  }

  private static byte[] decode(byte[] letters) {
    int kept = 0;
    for (byte letter : letters) {
      if (!Character.isWhitespace((char) letter)) {
        letters[kept++] = letter;
      }
    }
    return Base64.getDecoder()
        .decode(kept == letters.length ? letters : Arrays.copyOf(letters, kept));
  }
}
