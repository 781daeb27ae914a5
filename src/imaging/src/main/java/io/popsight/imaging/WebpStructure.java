package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * WebP: a RIFF file whose first chunk has the size, in one of three ways. Two are the picture
 * itself, lossy or lossless; behind the third come chunks, the picture among them.
 */
final class WebpStructure implements PhotoStructure {

  private static final int FIRST_CHUNK = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int BODY = FIRST_CHUNK + CHUNK_HEADER;
  private static final int EXTENDED = 0x58385056;
  private static final int LOSSY = 0x20385056;
  private static final int LOSSLESS = 0x4c385056;
  private static final int ALPHA = 0x48504c41;
  private static final int EXIF = 0x46495845;
  private static final int ANIMATED = 2;
  private static final int TRANSPARENT = 16;

  /** Two canvases with transparency and a frame, as measured. */
  private static final int BYTES_OF_ANIMATION = 9;

  private static final int BYTES_OF_PICTURE = 3;

  /** All pixels with transparency; of a lossy picture a decoder holds some rows. */
  private static final int BYTES_OF_LOSSLESS = 4;

  /** The transparency of a lossy picture comes as a lossless one and is unpacked from that. */
  private static final int BYTES_OF_ALPHA = 5;

  private final ByteBuffer bytes;

  WebpStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public PixelSize size() {
    return switch (kind(FIRST_CHUNK)) {
      case EXTENDED -> new PixelSize(1 + threeBytes(BODY + 4), 1 + threeBytes(BODY + 7));
      case LOSSY ->
          new PixelSize(bytes.getShort(BODY + 6) & 0x3fff, bytes.getShort(BODY + 8) & 0x3fff);
      case LOSSLESS -> {
        int bits = bytes.getInt(BODY + 1);
        yield new PixelSize(1 + (bits & 0x3fff), 1 + (bits >>> 14 & 0x3fff));
      }
      default -> new PixelSize(0, 0);
    };
  }

  @Override
  public Contents contents() {
    boolean complete = 8 + Integer.toUnsignedLong(bytes.getInt(4)) <= bytes.limit();
    return new Contents(complete, bytesBeside());
  }

  /** As measured. A transparent picture is made with a byte more a pixel, then copied without. */
  private int bytesBeside() {
    if ((flags() & ANIMATED) != 0) {
      return BYTES_OF_ANIMATION;
    }
    int most = transparent() ? BYTES_OF_PICTURE : 0;
    for (long at = FIRST_CHUNK; at + CHUNK_HEADER <= bytes.limit(); at = behind((int) at)) {
      most = Math.max(most, bytesOfChunk((int) at));
    }
    return transparent() ? most + 1 : most;
  }

  @Override
  public boolean transparent() {
    return (flags() & TRANSPARENT) != 0;
  }

  @Override
  public Orientation orientation() {
    for (long at = FIRST_CHUNK; at + CHUNK_HEADER <= bytes.limit(); at = behind((int) at)) {
      if (kind((int) at) == EXIF) {
        return Orientation.in(bytes, (int) at + CHUNK_HEADER, bytes.getInt((int) at + 4));
      }
    }
    return Orientation.UPRIGHT;
  }

  /** A lossless picture says by the same bit whether it is transparent. */
  private int flags() {
    return switch (kind(FIRST_CHUNK)) {
      case EXTENDED -> bytes.get(BODY);
      case LOSSLESS -> bytes.get(BODY + 4) & TRANSPARENT;
      default -> 0;
    };
  }

  private int bytesOfChunk(int at) {
    return switch (kind(at)) {
      case LOSSLESS -> BYTES_OF_LOSSLESS;
      case ALPHA -> BYTES_OF_ALPHA;
      default -> 0;
    };
  }

  private int kind(int at) {
    return bytes.getInt(at);
  }

  /** Chunks start at even positions. */
  private long behind(int at) {
    long size = Integer.toUnsignedLong(bytes.getInt(at + 4));
    return at + CHUNK_HEADER + size + size % 2;
  }

  private int threeBytes(int at) {
    return (bytes.getShort(at) & 0xffff) | (bytes.get(at + 2) & 0xff) << 16;
  }
}
