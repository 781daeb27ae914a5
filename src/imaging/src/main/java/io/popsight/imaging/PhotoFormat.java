package io.popsight.imaging;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The kinds of picture that are decoded, told by their first bytes, never by name or header. */
enum PhotoFormat {
  JPEG,
  PNG,
  WEBP,
  BMP;

  /** First bytes of other pictures, so that the refusal can say what was sent. */
  private static final List<Foreign> FOREIGN =
      List.of(
          new Foreign("GIF", 0, "GIF8"),
          new Foreign("TIFF", 0, "II*\0"),
          new Foreign("TIFF", 0, "MM\0*"),
          new Foreign("JPEG 2000", 4, "jP  "),
          new Foreign("AVIF", 4, "ftypavif"),
          new Foreign("HEIC", 4, "ftypheic"),
          new Foreign("HEIC", 4, "ftypheix"),
          new Foreign("HEIF", 4, "ftypmif1"),
          new Foreign("PDF", 0, "%PDF-"),
          new Foreign("SVG", 0, "<svg"));

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
    return FOREIGN.stream().filter(f -> has(photo, f.at, f.magic)).map(Foreign::name).findFirst();
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

  private record Foreign(String name, int at, String magic) {}
}
