package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Photos through which a page shines: a detector sees what a person sees on a white one. */
class TransparentPhotosTest {

  /** Black, black erased, orange that is half there. */
  private static final String SEEN = "000000" + "ffffff" + "ffbf7f";

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);

  static Stream<Arguments> kinds() {
    String rgba = "000000ff" + "00000000" + "ff800080";
    return Stream.of(
        Arguments.of("8 bits", PhotoFiles.png(6, 8, 3, 2, rgba), SEEN),
        Arguments.of(
            "16 bits",
            PhotoFiles.png(
                6, 16, 3, 2, "000000000000ffff" + "0000000000000000" + "ffff808000008080"),
            SEEN),
        Arguments.of(
            "grey", PhotoFiles.png(4, 8, 3, 2, "00ff" + "0000" + "8080"), "000000ffffffbfbfbf"),
        Arguments.of("palette", palette(3, 2, "000102", "ff0080"), SEEN),
        Arguments.of(
            "a colour that stands for nothing",
            PhotoFiles.png(
                2, 8, 3, 2, "000000" + "00ff00" + "ff8000", chunk("tRNS", "000000ff0000")),
            "000000ffffffff8000"),
        Arguments.of("lossless WebP", webp(101, rgba), SEEN));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void transparentPhoto_isSeenOnWhite(String kind, byte[] file, String seen) {
    try (Photo photo = decoder.decode(file);
        ReducedPhoto reduced = decoder.decodeFor(file, 3, 2)) {
      byte[] input = new byte[3 * 2 * 3];
      assertThat(Letterboxer.place(reduced, input, 0, 3, 2).height()).isEqualTo(2);
      assertThat(HexFormat.of().formatHex(photo.rgb())).isEqualTo(seen + seen);
      assertThat(HexFormat.of().formatHex(input)).isEqualTo(seen + seen);
    }
  }

  @Test
  void lossyWebp_isSeenOnWhite() {
    try (Photo erased = decoder.decode(PhotoFiles.transparentWebp(0))) {
      assertThat(erased.rgb()).containsOnly(255);
    }
  }

  @ParameterizedTest(name = "orientation {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void transparentPhoto_isTurnedAsAnyOther(int orientation) {
    byte[] exif =
        chunk("eXIf", "4d4d002a00000008" + "0001" + "0112000300000001000" + orientation + "0000");
    byte[] transparent = palette(3, 2, "000102", "ff0080", exif);
    byte[] opaque = PhotoFiles.png(2, 8, 3, 2, SEEN, exif);
    try (Photo photo = decoder.decode(transparent);
        Photo expected = decoder.decode(opaque)) {
      assertThat(photo.width()).isEqualTo(orientation > 4 ? 2 : 3);
      assertThat(photo.width()).isEqualTo(expected.width());
      assertThat(photo.rgb()).isEqualTo(expected.rgb());
    }
  }

  /** Colours come in another order where a decoder is to keep the transparency. */
  @Test
  void transparencyThatTheDecoderLeavesOut_leavesTheColours() {
    byte[] file = PhotoFiles.png(2, 8, 3, 2, SEEN, chunk("tRNS", ""));
    try (Photo photo = decoder.decode(file)) {
      assertThat(HexFormat.of().formatHex(photo.rgb())).isEqualTo(SEEN + SEEN);
    }
  }

  /** Orange, of a size like the others. */
  static byte[] palette(String transparency) {
    return palette(
        PhotoFiles.WIDTH, PhotoFiles.HEIGHT, "02".repeat(PhotoFiles.WIDTH), transparency);
  }

  private static byte[] palette(
      int width, int height, String row, String transparency, byte[]... more) {
    byte[] colours = chunk("PLTE", "000000" + "000000" + "ff8000");
    byte[][] chunks = new byte[2 + more.length][];
    chunks[0] = colours;
    chunks[1] = chunk("tRNS", transparency);
    System.arraycopy(more, 0, chunks, 2, more.length);
    return PhotoFiles.png(3, 8, width, height, row, chunks);
  }

  private static byte[] chunk(String type, String content) {
    return PhotoFiles.chunk(type, HexFormat.of().parseHex(content));
  }

  private static byte[] webp(int quality, String rgba) {
    OpenCv.load();
    byte[] pixels = HexFormat.of().parseHex(rgba + rgba);
    for (int i = 0; i < pixels.length; i += 4) {
      byte red = pixels[i];
      pixels[i] = pixels[i + 2];
      pixels[i + 2] = red;
    }
    try (Mat bgra = new Mat(2, 3, opencv_core.CV_8UC4);
        BytePointer data = bgra.data();
        BytePointer file = new BytePointer();
        IntPointer options = new IntPointer(opencv_imgcodecs.IMWRITE_WEBP_QUALITY, quality)) {
      data.put(pixels);
      opencv_imgcodecs.imencode(".webp", bgra, file, options);
      byte[] bytes = new byte[Math.toIntExact(file.limit())];
      file.get(bytes);
      return bytes;
    }
  }
}
