package io.popsight.imaging;

import java.nio.ByteBuffer;

/** PNG: a header chunk with the size, then chunks up to the one that says it is the end. */
final class PngStructure implements PhotoStructure {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int HEADER = 0x49484452;
  private static final int END = 0x49454e44;

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
  public boolean complete() {
    long at = SIGNATURE;
    while (at + AROUND <= bytes.limit()) {
      long behind = at + AROUND + unsigned((int) at);
      if (bytes.getInt((int) at + 4) == END) {
        return behind <= bytes.limit();
      }
      at = behind;
    }
    return false;
  }

  private long unsigned(int at) {
    return Integer.toUnsignedLong(bytes.getInt(at));
  }
}
