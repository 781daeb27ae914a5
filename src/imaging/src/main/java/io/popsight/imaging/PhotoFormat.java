package io.popsight.imaging;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The kinds of picture that are decoded, told by their first bytes, never by name or header. */
enum PhotoFormat {
  JPEG,
  PNG,
  WEBP,
  BMP;

  /** Editors put a licence before the first element. */
  private static final int START = 4096;

  /** Of the files of a family of videos, of which some are single pictures. */
  private static final String BOX = "(?s:....)ftyp";

  /** Each of its parts once taken is kept: no file makes the search try again. */
  private static final String XML_PROLOG =
      "(?>\\s++|<\\?(?s:.*?)\\?>|<!--(?s:.*?)-->|<!DOCTYPE[^>\\[]*+(?:\\[[^\\]]*+\\]\\s*+)?+>)*+";

  /** How other files start, so that the refusal can say what was sent; the first that fits. */
  private static final List<Foreign> FOREIGN =
      List.of(
          new Foreign("GIF", "GIF8"),
          new Foreign("TIFF", "II[*+]\0|MM\0[*+]"),
          new Foreign("JPEG 2000", "\0\0\0\fjP  |\u00ffO\u00ffQ"),
          new Foreign("JPEG XL", "\0\0\0\fJXL |\u00ff\n"),
          new Foreign("AVIF", BOX + "avi[fs]"),
          new Foreign("HEIC", BOX + "he[iv][cmsx]"),
          new Foreign("HEIF", BOX + "m[is]f1"),
          new Foreign("a video or raw photo", BOX),
          new Foreign("ICO", "\0\0\1\0"),
          new Foreign("PNM", "P[1-7]\\s"),
          new Foreign("PSD", "8BPS"),
          new Foreign("EPS", "%!PS|\u00c5\u00d0\u00d3\u00c6"),
          new Foreign("PDF", "%PDF-"),
          new Foreign("SVG", "(?:\u00ef\u00bb\u00bf)?" + XML_PROLOG + "<(?:\\w++:)?svg[\\s>]"));

  PhotoStructure structure(byte[] photo) {
    return switch (this) {
      case JPEG -> new JpegStructure(photo);
      case PNG -> new PngStructure(photo);
      case WEBP -> new WebpStructure(photo);
      case BMP -> new BmpStructure(photo);
    };
  }

  static Optional<PhotoFormat> of(byte[] photo) {
    if (has(photo, 0, "\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (has(photo, 0, "\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (has(photo, 0, "RIFF") && has(photo, 8, "WEBP")) {
      return Optional.of(WEBP);
    }
    return has(photo, 0, "BM") && BmpStructure.plausible(photo)
        ? Optional.of(BMP)
        : Optional.empty();
  }

  /** Name of a kind of picture that is known but not decoded. */
  static Optional<String> foreign(byte[] photo) {
    String start = new String(photo, 0, Math.min(photo.length, START), StandardCharsets.ISO_8859_1);
    return FOREIGN.stream()
        .filter(f -> f.start.matcher(start).lookingAt())
        .map(Foreign::name)
        .findFirst();
  }

  private static boolean has(byte[] photo, int at, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < expected.length; i++) {
      if (at + i >= photo.length || photo[at + i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  private record Foreign(String name, Pattern start) {

    Foreign(String name, String start) {
      this(name, Pattern.compile(start));
    }
  }
}
