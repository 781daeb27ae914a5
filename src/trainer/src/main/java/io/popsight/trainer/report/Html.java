package io.popsight.trainer.report;

import java.util.Base64;
import java.util.Locale;

/** Pieces of a page. */
final class Html {

  private Html() {}

  /** Text that the browser shows as it is. */
  static String text(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A picture inside the page. */
  static String picture(byte[] bytes, String type, String description) {
    return "<img loading=\"lazy\" alt=\"%s\" src=\"data:image/%s;base64,%s\">"
        .formatted(text(description), type, Base64.getEncoder().encodeToString(bytes));
  }

  /** With a point as decimal sign. */
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
