package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.popsight.imaging.PhotoRefusedException.Reason;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kinds of photos that are rarer than a JPEG from a camera, whole and broken. */
class UnusualPhotosTest {

  private static final int[] RED_FIRST = {0xff, 0xff00, 0xff0000};
  private static final int[] BLUE_FIRST = {0xff0000, 0xff00, 0xff};
  private static final int[] TEN_BITS = {0x3ff00000, 0xffc00, 0x3ff};
  private static final int[] FIVE_SIX_FIVE = {0xf800, 0x7e0, 0x1f};
  private static final int[] FIVE_FIVE_FIVE = {0x7c00, 0x3e0, 0x1f};

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of("JPEG", PhotoFiles.orange("jpg")),
        Arguments.of("progressive JPEG", PhotoFiles.progressiveJpeg()),
        Arguments.of("CMYK JPEG", PhotoFiles.cmykJpeg()),
        Arguments.of("lossless JPEG", JpegFiles.lossless()),
        Arguments.of("16-bit PNG", PhotoFiles.sixteenBitPng()),
        Arguments.of("transparent PNG", PhotoFiles.transparentPng(255)),
        Arguments.of("transparent PNG of a palette", TransparentPhotosTest.palette("000000ff")),
        Arguments.of("16-bit transparent PNG", PhotoFiles.png(6, 16, "ffff80000000ffff")),
        Arguments.of("animated PNG", PhotoFiles.animatedPng()),
        Arguments.of("BMP", PhotoFiles.orange("bmp")),
        Arguments.of("BMP of 32 bits, red first", PhotoFiles.bmp(40, RED_FIRST, "ff800000")),
        Arguments.of("the same, version 3 of 52 bytes", PhotoFiles.bmp(52, RED_FIRST, "ff800000")),
        Arguments.of("the same, version 4", PhotoFiles.bmp(108, RED_FIRST, "ff800000")),
        Arguments.of("BMP of 32 bits, blue first", PhotoFiles.bmp(40, BLUE_FIRST, "0080ff00")),
        Arguments.of("BMP of 10 bits a colour", PhotoFiles.bmp(40, TEN_BITS, "0000f83f")),
        Arguments.of("BMP of 16 bits", PhotoFiles.bmp(40, FIVE_SIX_FIVE, "00fc")),
        Arguments.of("the same, version 5", PhotoFiles.bmp(124, FIVE_SIX_FIVE, "00fc")),
        Arguments.of("BMP of 15 bits, version 4", PhotoFiles.bmp(108, FIVE_FIVE_FIVE, "007e")),
        Arguments.of("lossy WebP", PhotoFiles.webp(80)),
        Arguments.of("lossless WebP", PhotoFiles.webp(101)),
        Arguments.of("transparent WebP", PhotoFiles.transparentWebp(255)),
        Arguments.of("animated WebP", PhotoFiles.animatedWebp()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void everyKind_becomesEightBitRgb(String kind, byte[] file) {
    try (Photo photo = decoder.decode(file);
        ReducedPhoto reduced = decoder.decodeFor(file, 16, 16)) {
      assertThat(photo.width()).isEqualTo(PhotoFiles.WIDTH);
      assertThat(photo.height()).isEqualTo(PhotoFiles.HEIGHT);
      assertThat(reduced.width()).isEqualTo(PhotoFiles.WIDTH);
      assertThat(reduced.height()).isEqualTo(PhotoFiles.HEIGHT);
      byte[] rgb = photo.rgb();
      int middle = (PhotoFiles.HEIGHT / 2 * PhotoFiles.WIDTH + PhotoFiles.WIDTH / 2) * 3;
      assertThat(rgb[middle] & 255).as("red").isBetween(245, 255);
      assertThat(rgb[middle + 1] & 255).as("green").isBetween(118, 138);
      assertThat(rgb[middle + 2] & 255).as("blue").isBetween(0, 12);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void everyKind_cutOffAnywhere_isRefused(String kind, byte[] file) {
    for (int length = 1; length < file.length - 1; length += Math.max(1, file.length / 97)) {
      assertThat(refusal(Arrays.copyOf(file, length)))
          .as("%s cut to %d of %d bytes", kind, length, file.length)
          .isIn(Reason.TRUNCATED, Reason.NOT_A_PHOTO);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void everyKind_withTrailingBytes_isDecoded(String kind, byte[] file) {
    try (Photo photo = decoder.decode(Arrays.copyOf(file, file.length + 100))) {
      assertThat(photo.width()).isEqualTo(PhotoFiles.WIDTH);
    }
  }

  static Stream<Arguments> bombs() {
    byte[] bmp = PhotoFiles.orange("bmp");
    byte[] jpeg = PhotoFiles.orange("jpg");
    int frame = PhotoFiles.indexOf(jpeg, (byte) 0xff, (byte) 0xc0);
    return Stream.of(
        Arguments.of(
            "PNG", PhotoFiles.patched(PhotoFiles.orange("png"), 16, 0, 0, 195, 80, 0, 0, 195, 80)),
        Arguments.of("JPEG", PhotoFiles.patched(jpeg, frame + 5, 255, 220, 255, 220)),
        Arguments.of("BMP", PhotoFiles.patched(bmp, 18, 80, 195, 0, 0, 80, 195, 0, 0)),
        Arguments.of("upside-down BMP", PhotoFiles.patched(bmp, 18, 80, 195, 0, 0, 0, 0, 0, 128)),
        Arguments.of(
            "WebP",
            PhotoFiles.patched(PhotoFiles.animatedWebp(), 24, 255, 255, 255, 255, 255, 255)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void declaredSizeAboveTheLimit_isRefused(String kind, byte[] file) {
    assertThat(refusal(file)).isEqualTo(Reason.TOO_MANY_PIXELS);
    assertThat(refusal(Arrays.copyOf(file, 200))).as("cut").isEqualTo(Reason.TOO_MANY_PIXELS);
  }

  static Stream<Arguments> hungry() {
    byte[] lossless = PhotoFiles.webp(101);
    byte[] transparent = PhotoFiles.transparentWebp(255);
    int alpha = PhotoFiles.indexOf(transparent, (byte) 'A', (byte) 'L', (byte) 'P', (byte) 'H');
    return Stream.of(
        Arguments.of("progressive JPEG", PhotoFiles.progressiveJpeg(), 6),
        Arguments.of("JPEG of a progressive scan", JpegFiles.ofOneProgressiveScan(), 6),
        Arguments.of("JPEG of a component a scan", JpegFiles.ofOneComponentAScan(), 9),
        Arguments.of("animated PNG", PhotoFiles.animatedPng(), 3),
        Arguments.of("transparent PNG", PhotoFiles.transparentPng(255), 4),
        Arguments.of("16-bit PNG", PhotoFiles.sixteenBitPng(), 3),
        Arguments.of("16-bit transparent PNG", PhotoFiles.png(6, 16, "ffff80000000ffff"), 11),
        Arguments.of("BMP", PhotoFiles.orange("bmp"), 6),
        Arguments.of("lossy WebP", PhotoFiles.webp(80), 3),
        Arguments.of("lossless WebP", lossless, 7),
        Arguments.of(
            "transparent lossless WebP", PhotoFiles.patched(lossless, 24, lossless[24] | 16), 8),
        Arguments.of("transparent WebP", transparent, 9),
        Arguments.of("WebP without its alpha", PhotoFiles.patched(transparent, alpha, 'x'), 7),
        Arguments.of("animated WebP", PhotoFiles.animatedWebp(), 12),
        Arguments.of(
            "transparent animated WebP",
            PhotoFiles.patched(PhotoFiles.animatedWebp(), 20, 18),
            12));
  }

  /** What is held beside the picture counts, at a photo's whole size. */
  @ParameterizedTest(name = "{0}: {2} bytes a pixel")
  @MethodSource("hungry")
  void memoryBesideThePicture_isBounded(String kind, byte[] file, int bytes) {
    long pixels = (long) PhotoFiles.WIDTH * PhotoFiles.HEIGHT * bytes / 3;
    PhotoDecoder enough = new PhotoDecoder(new PhotoLimits(1 << 20, pixels));
    PhotoDecoder tooFew = new PhotoDecoder(new PhotoLimits(1 << 20, pixels - 1));

    enough.decode(file).close();
    assertThat(refusal(tooFew, file)).isEqualTo(Reason.TOO_MANY_PIXELS);
  }

  /** Rounded to whole bytes a pixel it looked like less. */
  @Test
  void memoryThatIsRefused_isMoreThanTheLimitAsItIsWritten() {
    PhotoDecoder decoder = new PhotoDecoder(new PhotoLimits(1 << 20, 50_000_000));
    byte[] file = PhotoFiles.progressiveJpeg();
    int frame = PhotoFiles.indexOf(file, (byte) 0xff, (byte) 0xc2);
    byte[] large = PhotoFiles.patched(file, frame + 5, 0x1b, 0x9f, 0x1b, 0x9f);
    assertThatThrownBy(() -> decoder.decodeFor(large, 640, 512))
        .hasMessage(
            "the photo is 7071 x 7071 pixels, which take, as this kind of JPEG, 152.3 MB to decode; at most 150.0 are accepted");
  }

  /** Where the decoder shrinks a photo its picture needs little. */
  @Test
  void memoryOfAReducedPhoto_isThatOfTheReducedPicture() {
    long pixels = PhotoFiles.WIDTH * PhotoFiles.HEIGHT;
    PhotoDecoder decoder = new PhotoDecoder(new PhotoLimits(1 << 20, pixels * 5 / 4));
    byte[] file = PhotoFiles.progressiveJpeg();

    decoder.decodeFor(file, 16, 16).close();
    assertThat(refusal(decoder, file)).isEqualTo(Reason.TOO_MANY_PIXELS);
  }

  static Stream<Arguments> notDecoded() {
    byte[] jpeg = PhotoFiles.orange("jpg");
    int frame = PhotoFiles.indexOf(jpeg, (byte) 0xff, (byte) 0xc0);
    return Stream.of(
        Arguments.of(
            "16 bits a pixel with masks",
            PhotoFiles.bmp(108, new int[] {0xf00, 0xf0, 0xf}, "80ff")),
        Arguments.of("12-bit samples", PhotoFiles.patched(jpeg, frame + 4, 12)),
        Arguments.of("hierarchical frames", PhotoFiles.patched(jpeg, frame + 1, 0xc5)),
        Arguments.of("lossless arithmetic coding", PhotoFiles.patched(jpeg, frame + 1, 0xcb)),
        Arguments.of("the compression of JPEG-LS", PhotoFiles.patched(jpeg, frame + 1, 0xf7)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("notDecoded")
  void kindOfAFormatThatIsNotDecoded_isNamed(String named, byte[] file) {
    assertThatThrownBy(() -> decoder.decode(file))
        .isInstanceOf(PhotoRefusedException.class)
        .hasMessageContaining("photo has " + named)
        .extracting(e -> ((PhotoRefusedException) e).reason())
        .isEqualTo(Reason.UNSUPPORTED_FORMAT);
  }

  /** Pixels that start where masks would be: the usual order is meant. */
  @Test
  void bmpWithoutRoomForMasks_isReadInTheUsualOrder() {
    byte[] file = PhotoFiles.bmp(40, BLUE_FIRST, "0080ff00");
    try (Photo photo = decoder.decode(PhotoFiles.patched(file, 10, 54))) {
      assertThat(Arrays.copyOfRange(photo.rgb(), 30, 33)).containsExactly(255, 128, 0);
    }
  }

  /** A scan of a few bytes costs as much as the photo has blocks: kilobytes took minutes. */
  @Test
  void manyScans_areRefused() {
    decoder.decode(JpegFiles.ofManyScans(3)).close();
    assertThat(refusal(JpegFiles.ofManyScans(70))).isEqualTo(Reason.UNSUPPORTED_FORMAT);
    assertThat(refusal(JpegFiles.ofHiddenScans(70))).isEqualTo(Reason.UNSUPPORTED_FORMAT);
  }

  /** A decoder unpacks texts and profiles, megabytes each, whether anybody reads them or not. */
  @ParameterizedTest
  @ValueSource(strings = {"zTXt", "iTXt", "iCCP", "eXIf", "acTL", "fdAT"})
  void chunkThatNoPixelNeeds_isKeptFromTheDecoder(String type) {
    byte[] file = PhotoFiles.pngWith(type, new byte[100]);
    byte[] bare = PhotoFiles.orange("png");

    assertThat(PhotoFormat.PNG.structure(file).essence(file))
        .isEqualTo(Arrays.copyOf(bare, file.length));
  }

  static Stream<Arguments> turnedByExif() {
    String tag = "011200030000000100060000";
    return Stream.of(
        Arguments.of("as cameras write it", "4d4d002a00000008" + "0001" + tag + "00000000"),
        Arguments.of("introduced", "457869660000" + "4d4d002a00000008" + "0001" + tag + "00000000"),
        Arguments.of(
            "little-endian, four bytes",
            "49492a0008000000" + "0100" + "120104000100000006000000" + "00000000"),
        Arguments.of(
            "behind a tag that is elsewhere",
            "4d4d002a00000008" + "0002" + "010f0002000000140000ea60" + tag + "00000000"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("turnedByExif")
  void exifOrientation_isAppliedWhereverItStands(String kind, String hex) {
    byte[] exif = HexFormat.of().parseHex(hex);
    List<byte[]> files =
        List.of(
            PhotoFiles.pngWith("eXIf", exif),
            JpegFiles.withExif(exif),
            PhotoFiles.webpWithExif(exif));
    for (byte[] file : files) {
      try (Photo photo = decoder.decode(file);
          ReducedPhoto reduced = decoder.decodeFor(file, 16, 16)) {
        assertThat(photo.width()).isEqualTo(PhotoFiles.HEIGHT);
        assertThat(photo.height()).isEqualTo(PhotoFiles.WIDTH);
        assertThat(reduced.width()).isEqualTo(PhotoFiles.HEIGHT);
        assertThat(reduced.height()).isEqualTo(PhotoFiles.WIDTH);
      }
    }
  }

  @Test
  void damagedExif_leavesThePhotoUpright() {
    byte[] exif = HexFormat.of().parseHex("4d4d002a00000008" + "0001" + "011200030000000100060000");
    for (int length = 0; length < exif.length - 2; length++) {
      byte[] cut = Arrays.copyOf(exif, length);
      try (Photo photo = decoder.decode(PhotoFiles.pngWith("eXIf", cut));
          Photo other = decoder.decode(JpegFiles.withExif(cut))) {
        assertThat(photo.width()).isEqualTo(PhotoFiles.WIDTH);
        assertThat(other.width()).isEqualTo(PhotoFiles.WIDTH);
      }
    }
  }

  @Test
  void sidesThatNoJpegHolds_areRefusedByTheEncoder() {
    try (Photo photo = Photo.of(70_000, 1, new byte[70_000 * 3])) {
      assertThatThrownBy(() -> PhotoEncoder.jpeg(photo))
          .isInstanceOf(PhotoRefusedException.class)
          .hasMessageContaining("70000 x 1");
      assertThat(PhotoEncoder.png(photo)).isNotEmpty();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void damagedBytes_areDecodedOrRefusedButNothingElse(long seed) {
    Random random = new Random(seed);
    PhotoDecoder small = new PhotoDecoder(new PhotoLimits(1 << 20, 1_000_000));
    List<byte[]> files =
        kinds().map(kind -> (byte[]) Objects.requireNonNull(kind.get()[1])).toList();
    for (int i = 0; i < 400; i++) {
      byte[] file = files.get(i % files.size()).clone();
      for (int flips = 0; flips <= random.nextInt(6); flips++) {
        file[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      try (Photo photo = small.decode(file)) {
        assertThat((long) photo.width() * photo.height()).isLessThanOrEqualTo(1_000_000);
      } catch (PhotoRefusedException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void extremeSides_fitAnyInput() {
    byte[] pixels = new byte[64 * 32 * 3];
    for (int[] sides : new int[][] {{40_000, 1}, {1, 40_000}, {1, 1}}) {
      try (Photo photo = Photo.of(sides[0], sides[1], new byte[sides[0] * sides[1] * 3])) {
        assertThat(Letterboxer.place(photo, pixels, 0, 64, 32).width()).isPositive();
      }
    }
  }

  private Reason refusal(byte[] bytes) {
    return refusal(decoder, bytes);
  }

  private static Reason refusal(PhotoDecoder decoder, byte[] bytes) {
    PhotoRefusedException refused =
        catchThrowableOfType(PhotoRefusedException.class, () -> decoder.decode(bytes).close());
    assertThat(refused).as("refusal").isNotNull();
    return refused.reason();
  }
}
