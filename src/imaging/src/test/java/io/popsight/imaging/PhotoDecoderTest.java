package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tile;
import io.popsight.geometry.Tiling;
import io.popsight.imaging.PhotoRefusedException.Reason;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhotoDecoderTest {

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);

  @Test
  void realPhoto_isDecoded() throws IOException {
    try (Photo photo = decoder.decode(cells())) {
      assertThat(photo.width()).isEqualTo(640);
      assertThat(photo.height()).isEqualTo(480);
    }
  }

  /** A picture with a red top left quarter; each EXIF orientation moves it to another corner. */
  @ParameterizedTest(name = "orientation {0}: red is at {1}, {2} of a {3}x{4} photo")
  @CsvSource({
    "1, 0, 0, 64, 32", "2, 1, 0, 64, 32", "3, 1, 1, 64, 32", "4, 0, 1, 64, 32",
    "5, 0, 0, 32, 64", "6, 1, 0, 32, 64", "7, 1, 1, 32, 64", "8, 0, 1, 32, 64"
  })
  void exifOrientation_isApplied(int orientation, int right, int bottom, int width, int height)
      throws IOException {
    try (Photo photo = decoder.decode(withOrientation(quarterRed(), orientation))) {
      assertThat(photo.width()).isEqualTo(width);
      assertThat(photo.height()).isEqualTo(height);
      int x = width / 4 + right * width / 2;
      int y = height / 4 + bottom * height / 2;
      int at = (y * width + x) * 3;
      byte[] rgb = photo.rgb();
      assertThat(rgb[at] & 255).as("red").isGreaterThan(180);
      assertThat(rgb[at + 1] & 255).as("green").isLessThan(80);
    }
  }

  @ParameterizedTest(name = "orientation {0}: red is at {1}, {2} of the input")
  @CsvSource({"1, 0, 0", "3, 1, 1", "6, 1, 0", "7, 1, 1", "8, 0, 1"})
  void reducedPhoto_keepsItsSidesAndOrientation(int orientation, int right, int bottom)
      throws IOException {
    boolean turned = orientation > 4;
    byte[] encoded = withOrientation(quarterRed(), orientation);
    byte[] input = new byte[16 * 16 * 3];
    try (ReducedPhoto photo = decoder.decodeFor(encoded, 16, 16)) {
      assertThat(photo.width()).isEqualTo(turned ? 32 : 64);
      assertThat(photo.height()).isEqualTo(turned ? 64 : 32);
      assertThat(photo.mat().cols()).isEqualTo(turned ? 8 : 16);
      Letterbox box = Letterboxer.place(photo, input, 0, 16, 16);
      int x = box.left() + box.width() / 4 + right * box.width() / 2;
      int y = box.top() + box.height() / 4 + bottom * box.height() / 2;
      int at = (y * 16 + x) * 3;
      assertThat(input[at] & 255).as("red").isGreaterThan(180);
      assertThat(input[at + 1] & 255).as("green").isLessThan(80);
    }
  }

  /** Of a photo that is reduced when it is decoded, and of one that is not. */
  @ParameterizedTest
  @ValueSource(ints = {100, 320})
  void tile_looksLikeThatPartOfThePhoto(int side) throws IOException {
    Tiling tiling = new Tiling(2);
    byte[] ofTile = new byte[side * side * 3];
    byte[] ofPart = new byte[side * side * 3];
    try (ReducedPhoto few = decoder.decodeFor(cells(), tiling.pixels(side), tiling.pixels(side));
        Photo all = decoder.decode(cells())) {
      assertThat(few.mat().cols()).isEqualTo(side == 100 ? 320 : 640);
      Tile tile = tiling.tiles(few.width(), few.height(), side, side).getLast();
      try (Photo part = all.part(tile.left(), tile.top(), tile.width(), tile.height())) {
        assertThat(Letterboxer.place(few, tile, ofTile, side, side))
            .isEqualTo(Letterboxer.place(part, ofPart, 0, side, side));
      }
    }
    assertThat(meanDifference(ofTile, ofPart)).isLessThan(2);
  }

  @ParameterizedTest
  @CsvSource({"3000, 2, 3", "8000, 8, 4", "8, 8000, 3", "1, 1, 4"})
  void tilesOfAThinPhoto_arePlaced(int width, int height, int perSide) throws IOException {
    BufferedImage thin = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(thin, "jpeg", jpeg);
    Tiling tiling = new Tiling(perSide);
    byte[] pixels = new byte[320 * 320 * 3];

    try (ReducedPhoto photo =
        decoder.decodeFor(jpeg.toByteArray(), tiling.pixels(320), tiling.pixels(320))) {
      for (Tile tile : tiling.tiles(photo.width(), photo.height(), 320, 320)) {
        assertThat(Letterboxer.place(photo, tile, pixels, 320, 320).photoWidth())
            .isEqualTo(tile.width());
      }
    }
  }

  private static double meanDifference(byte[] one, byte[] other) {
    long difference = 0;
    for (int i = 0; i < one.length; i++) {
      difference += Math.abs((one[i] & 255) - (other[i] & 255));
    }
    return (double) difference / one.length;
  }

  /** Halving in the decoder and averaging pairs of pixels are two ways to the same picture. */
  @Test
  void reducedPhoto_looksLikeTheWhole() throws IOException {
    byte[] reduced = new byte[320 * 256 * 3];
    byte[] whole = new byte[320 * 256 * 3];
    try (ReducedPhoto few = decoder.decodeFor(cells(), 320, 256);
        Photo all = decoder.decode(cells())) {
      assertThat(few.mat().cols()).isEqualTo(320);
      assertThat(Letterboxer.place(few, reduced, 0, 320, 256))
          .isEqualTo(Letterboxer.place(all, whole, 0, 320, 256));
    }
    assertThat(meanDifference(whole, reduced)).isLessThan(2);
  }

  @ParameterizedTest(name = "{0}x{1} for an input of {2}: {3} columns")
  @CsvSource({"641, 640, 320, 321", "641, 640, 80, 81", "639, 638, 80, 160", "319, 240, 160, 319"})
  void reduction_leavesEnoughForTheInput(int width, int height, int input, int columns)
      throws IOException {
    byte[] photo = encode(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "jpg");
    try (ReducedPhoto reduced = decoder.decodeFor(photo, input, input)) {
      assertThat(reduced.width()).isEqualTo(width);
      assertThat(reduced.height()).isEqualTo(height);
      assertThat(reduced.mat().cols()).isEqualTo(columns);
    }
  }

  @Test
  void truncatedPhoto_isRefusedAtEveryTenthOfItsLength() throws IOException {
    byte[] photo = cells();
    for (int tenth = 1; tenth < 10; tenth++) {
      byte[] cut = Arrays.copyOf(photo, photo.length * tenth / 10);
      assertThat(refusal(cut)).as("%d tenths", tenth).isEqualTo(Reason.TRUNCATED);
    }
  }

  @Test
  void truncatedPngAndBmp_areRefused() throws IOException {
    for (String format : new String[] {"png", "bmp"}) {
      byte[] whole = encode(quarterRed(), format);
      assertThat(refusal(Arrays.copyOf(whole, whole.length - 20)))
          .as(format)
          .isEqualTo(Reason.TRUNCATED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GIF89a.....................", "hello", "<html>", "II*\0....."})
  void otherBytes_areRefused(String bytes) {
    assertThat(refusal(bytes.getBytes(StandardCharsets.ISO_8859_1)))
        .isIn(Reason.NOT_A_PHOTO, Reason.UNSUPPORTED_FORMAT);
  }

  static Stream<Arguments> foreign() {
    String licence = "<!-- by -- \n<svg > -->".repeat(20);
    return Stream.of(
        Arguments.of("GIF", "GIF89a"),
        Arguments.of("TIFF", "II*\0"),
        Arguments.of("TIFF", "II+\0"),
        Arguments.of("TIFF", "MM\0+"),
        Arguments.of("JPEG 2000", "\0\0\0\fjP  \r\n"),
        Arguments.of("JPEG 2000", "\u00ffO\u00ffQ\0"),
        Arguments.of("JPEG XL", "\u00ff\n\u00fa"),
        Arguments.of("JPEG XL", "\0\0\0\fJXL \r\n"),
        Arguments.of("AVIF", "\0\0\0\nftypavis"),
        Arguments.of("HEIC", "\0\0\0 ftypheic"),
        Arguments.of("HEIC", "\0\0\0 ftyphevx"),
        Arguments.of("HEIF", "\0\0\0 ftypmsf1"),
        Arguments.of("a video or raw photo", "\0\0\0 ftypisom"),
        Arguments.of("ICO", "\0\0\1\0\1\0"),
        Arguments.of("PNM", "P6\n3 2\n255\n"),
        Arguments.of("PNM", "P7\nWIDTH 3\n"),
        Arguments.of("PSD", "8BPS\0\1"),
        Arguments.of("EPS", "%!PS-Adobe-3.0 EPSF-3.0"),
        Arguments.of("EPS", "\u00c5\u00d0\u00d3\u00c6"),
        Arguments.of("PDF", "%PDF-1.7"),
        Arguments.of("SVG", "<svg xmlns='http://www.w3.org/2000/svg'>"),
        Arguments.of("SVG", "\u00ef\u00bb\u00bf<?xml version='1.0'?>\n" + licence + "\n<svg\n>"),
        Arguments.of("SVG", "<!DOCTYPE svg PUBLIC 'a' 'b' [\n<!ENTITY c 'd'>\n]>\n<svg:svg>"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("foreign")
  void pictureOfAnotherKind_isNamed(String name, String start) {
    byte[] file = start.getBytes(StandardCharsets.ISO_8859_1);
    PhotoRefusedException refused =
        catchThrowableOfType(PhotoRefusedException.class, () -> decoder.decode(file));
    assertThat(refused.reason()).isEqualTo(Reason.UNSUPPORTED_FORMAT);
    assertThat(refused).hasMessage(name + " is not supported; send JPEG, PNG, WebP or BMP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "P6",
        "P1.",
        "<html><svg>",
        "<?xml version='1.0'?><kml>",
        "<!DOCTYPE html>",
        "<!-- <svg>"
      })
  void text_isNoPicture(String text) {
    assertThat(refusal(text.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(Reason.NOT_A_PHOTO);
  }

  @Test
  void limits_areCheckedBeforeDecoding() throws IOException {
    PhotoDecoder small = new PhotoDecoder(new PhotoLimits(1_000_000, 1_000));
    PhotoRefusedException refused =
        catchThrowableOfType(PhotoRefusedException.class, () -> small.decode(cells()));

    assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_PIXELS);
    assertThat(refused).hasMessageContaining("640 x 480");
    assertThat(refusal(new byte[0])).isEqualTo(Reason.EMPTY);
  }

  @Test
  void letterbox_hasGreyBarsAndThePhotoBetween() {
    byte[] white = new byte[64 * 32 * 3];
    Arrays.fill(white, (byte) 255);
    byte[] pixels = new byte[2 * 32 * 32 * 3];
    try (Photo photo = Photo.of(64, 32, white)) {
      Letterbox box = Letterboxer.place(photo, pixels, 1, 32, 32);

      assertThat(box.top()).isEqualTo(8);
      assertThat(pixels[0]).isZero();
      assertThat(pixels[32 * 32 * 3] & 255).isEqualTo(Letterbox.BAR);
      assertThat(pixels[32 * 32 * 3 + 16 * 32 * 3] & 255).isEqualTo(255);
    }
  }

  private Reason refusal(byte[] bytes) {
    PhotoRefusedException refused =
        catchThrowableOfType(PhotoRefusedException.class, () -> decoder.decode(bytes));
    assertThat(refused).as("refusal").isNotNull();
    return refused.reason();
  }

  private static byte[] cells() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            PhotoDecoderTest.class.getResourceAsStream("/cells/BloodImage_00000.jpg"))) {
      return in.readAllBytes();
    }
  }

  private static BufferedImage quarterRed() {
    BufferedImage picture = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 64; x++) {
        picture.setRGB(x, y, x < 32 && y < 16 ? Color.RED.getRGB() : Color.CYAN.getRGB());
      }
    }
    return picture;
  }

  private static byte[] encode(BufferedImage picture, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture, format, out);
    return out.toByteArray();
  }

  /** A JPEG whose first segment is EXIF with nothing but the orientation. */
  private static byte[] withOrientation(BufferedImage picture, int orientation) throws IOException {
    byte[] jpeg = encode(picture, "jpg");
    byte[] tiff = {
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      0x01,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + 4 + 6 + tiff.length);
    file.put(jpeg, 0, 2);
    file.putShort((short) 0xFFE1).putShort((short) (2 + 6 + tiff.length));
    file.put(new byte[] {'E', 'x', 'i', 'f', 0, 0}).put(tiff);
    return file.put(jpeg, 2, jpeg.length - 2).array();
  }

  @Test
  void reduction_leavesEnoughForATurnedPhotoToo() throws IOException {
    byte[] photo = encode(new BufferedImage(1280, 320, BufferedImage.TYPE_INT_RGB), "jpg");
    try (ReducedPhoto reduced = decoder.decodeFor(photo, 320, 640)) {
      assertThat(reduced.mat().cols()).isEqualTo(640);
    }
  }
}
