package io.popsight.imaging;

import java.nio.ByteBuffer;

/** PNG: a header chunk with the size, then chunks up to the one that says it is the end. */
final class PngStructure implements PhotoStructure {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int HEADER = 0x49484452;
  private static final int ANIMATION = 0x6163544c;
  private static final int END = 0x49454e44;

  /** Frames with transparency, as measured. */
  private static final int BYTES_OF_ANIMATION = 9;

  private final ByteBuffer bytes;

  PngStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo);
  }

  @Override
  public PixelSize size() {
    if (bytes.getInt(SIGNATURE + 4) != HEADER) {
      return new PixelSize(0, 0);
    }
    return new PixelSize(unsigned(SIGNATURE + 8), unsigned(SIGNATURE + 12));
  }

  @Override
  public Contents contents() {
    boolean animated = false;
    long at = SIGNATURE;
    while (at + AROUND <= bytes.limit()) {
      long behind = at + AROUND + unsigned((int) at);
      int kind = bytes.getInt((int) at + 4);
      animated |= kind == ANIMATION;
      if (kind == END) {
        return new Contents(behind <= bytes.limit(), animated ? BYTES_OF_ANIMATION : 0);
      }
      at = behind;
    }
    return new Contents(false, 0);
  }

  private long unsigned(int at) {
    return Integer.toUnsignedLong(bytes.getInt(at));
  }
}
