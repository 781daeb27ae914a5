package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** WebP: a RIFF file whose first chunk has the size, in one of three ways. */
final class WebpStructure implements PhotoStructure {

  private static final int FIRST_CHUNK = 12;
  private static final int BODY = FIRST_CHUNK + 8;
  private static final int EXTENDED = 0x58385056;
  private static final int LOSSY = 0x20385056;
  private static final int LOSSLESS = 0x4c385056;
  private static final int ANIMATED = 2;

  /** Two canvases with transparency and a frame, as measured. */
  private static final int BYTES_OF_ANIMATION = 9;

  private final ByteBuffer bytes;

  WebpStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public PixelSize size() {
    return switch (bytes.getInt(FIRST_CHUNK)) {
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
    boolean animated = bytes.getInt(FIRST_CHUNK) == EXTENDED && (bytes.get(BODY) & ANIMATED) != 0;
    return new Contents(complete, animated ? BYTES_OF_ANIMATION : 0);
  }

  private int threeBytes(int at) {
    return (bytes.getShort(at) & 0xffff) | (bytes.get(at + 2) & 0xff) << 16;
  }
}
