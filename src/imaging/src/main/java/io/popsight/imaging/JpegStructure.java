package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * JPEG: segments, compressed data behind each one that starts a scan, up to the end marker. A
 * thumbnail sits inside a segment and is stepped over with it.
 */
final class JpegStructure implements PhotoStructure {

  private static final int APPLICATION = 0xe1;
  private static final int EXIF = 0x45786966;
  private static final int LOSSLESS = 0xc3;
  private static final int JPEG_LS = 0xf7;
  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;

  private static final int COEFFICIENT_BYTES = 2;

  /**
   * Encoders write a scan, three or about ten. However few bytes a scan has, the decoder walks the
   * whole photo for it.
   */
  private static final int MOST_SCANS = 64;

  private final ByteBuffer bytes;

  JpegStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo);
  }

  @Override
  public PixelSize size() {
    int frame = frame();
    return isFrame(marker(frame))
        ? new PixelSize(twoBytes(frame + 7), twoBytes(frame + 5))
        : new PixelSize(0, 0);
  }

  @Override
  public Contents contents() {
    Optional<String> unsupported = unsupported();
    if (unsupported.isPresent()) {
      return new Contents(true, 0, unsupported);
    }
    int scan = seek(nextMarker(2), marker -> marker == START_OF_SCAN || marker == END_OF_IMAGE);
    int end = seek(scan, marker -> marker == END_OF_IMAGE);
    boolean whole = end < bytes.limit();
    if (!expectsMoreThan(scan)) {
      return new Contents(whole, 0);
    }
    return new Contents(
        whole,
        coefficientBytes(),
        scansAtMost(scan, end) > MOST_SCANS
            ? Optional.of("more than %d scans".formatted(MOST_SCANS))
            : Optional.empty());
  }

  /** Of the first segment before the scans that has EXIF; others with its marker hold XMP. */
  @Override
  public Orientation orientation() {
    int at = nextMarker(2);
    while (at + 8 <= bytes.limit() && marker(at) != START_OF_SCAN && marker(at) != END_OF_IMAGE) {
      if (marker(at) == APPLICATION && bytes.getInt(at + 4) == EXIF) {
        return Orientation.in(bytes, at + 4, twoBytes(at + 2) - 2);
      }
      at = nextMarker(behind(at));
    }
    return Orientation.UPRIGHT;
  }

  private Optional<String> unsupported() {
    int frame = frame();
    int bits = bytes.get(frame + 4) & 0xff;
    return switch (marker(frame)) {
      case JPEG_LS -> Optional.of("the compression of JPEG-LS");
      case 0xc5, 0xc6, 0xc7, 0xcd, 0xce, 0xcf -> Optional.of("hierarchical frames");
      case 0xcb -> Optional.of("lossless arithmetic coding");
      default -> bits == 8 ? Optional.empty() : Optional.of("%d-bit samples".formatted(bits));
    };
  }

  /** A lossless one has no blocks that could be made smaller. */
  @Override
  public boolean shrinks() {
    return marker(frame()) != LOSSLESS;
  }

  /**
   * Counts what looks like a scan inside other segments too, so that the limit does not rest on
   * stepping over segments just as the decoder does.
   */
  private int scansAtMost(int from, int to) {
    int scans = 0;
    for (int at = from; at < to; at++) {
      if (bytes.get(at) == (byte) 0xff && marker(at) == START_OF_SCAN) {
        scans++;
      }
    }
    return scans;
  }

  /**
   * Whether the first scan cannot be all: a decoder keeps coefficients then, whether further scans
   * come or not, and else stops behind it.
   */
  private boolean expectsMoreThan(int scan) {
    int frame = frame();
    boolean progressive = marker(frame) == 0xc2 || marker(frame) == 0xca;
    return progressive || bytes.get(scan + 4) < bytes.get(frame + 9);
  }

  private double coefficientBytes() {
    int frame = frame();
    int across = 1;
    int down = 1;
    int samples = 0;
    int components = bytes.get(frame + 9) & 0xff;
    for (int component = 0; component < components; component++) {
      int sampling = bytes.get(frame + 11 + 3 * component) & 0xff;
      across = Math.max(across, sampling >> 4);
      down = Math.max(down, sampling & 0xf);
      samples += (sampling >> 4) * (sampling & 0xf);
    }
    return (double) COEFFICIENT_BYTES * samples / (across * down);
  }

  /** Where the first frame starts, or the first scan or the end where none comes before. */
  private int frame() {
    return seek(
        nextMarker(2),
        marker -> isFrame(marker) || marker == START_OF_SCAN || marker == END_OF_IMAGE);
  }

  /** Position of the first marker from one on that is wanted, or the limit. */
  private int seek(int from, IntPredicate wanted) {
    int at = from;
    while (at < bytes.limit() && !wanted.test(marker(at))) {
      at = nextMarker(behind(at));
    }
    return at;
  }

  /**
   * Position of the last 0xff before the next marker byte, or the limit; decoders skip what is in
   * between. Inside a scan every 0xff of data is followed by a zero.
   */
  private int nextMarker(int from) {
    int last = bytes.limit() - 1;
    int at = from;
    while (at < last && (bytes.get(at) != (byte) 0xff || marker(at) == 0xff || marker(at) == 0)) {
      at++;
    }
    return at < last ? at : bytes.limit();
  }

  private int marker(int at) {
    return bytes.get(at + 1) & 0xff;
  }

  /**
   * Below 0xc0 nothing is defined that has a length. Decoders stop there or, where a damaged scan
   * restarts, go on right behind.
   */
  private int behind(int at) {
    int marker = marker(at);
    boolean bare = marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8);
    return at + 2 + (bare ? 0 : twoBytes(at + 2));
  }

  private int twoBytes(int at) {
    return bytes.getShort(at) & 0xffff;
  }

  /** Start-of-frame markers; C4, C8 and CC among them are tables. */
  private static boolean isFrame(int marker) {
    boolean table = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
    return marker == JPEG_LS || (marker >= 0xc0 && marker <= 0xcf && !table);
  }
}
