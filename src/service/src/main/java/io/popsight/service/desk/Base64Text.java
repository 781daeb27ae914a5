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
    byte[] letters = bare.getBytes(StandardCharsets.ISO_8859_1);
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
