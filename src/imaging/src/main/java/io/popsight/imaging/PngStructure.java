package io.popsight.imaging;

import java.nio.ByteBuffer;

/**
 * PNG: a header chunk with the size, then chunks up to the one that says it is the end. The case of
 * a chunk's first letter says whether a picture can be drawn without it.
 */
final class PngStructure implements PhotoStructure {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int HEADER = 0x49484452;
  private static final int EXIF = 0x65584966;
  private static final int END = 0x49454e44;
  private static final int LOWER_CASE = 0x20000000;

  private final ByteBuffer bytes;

  PngStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo);
  }

  @Override
  public PixelSize size() {
    if (kind(SIGNATURE) != HEADER) {
      return new PixelSize(0, 0);
    }
    return new PixelSize(unsigned(SIGNATURE + 8), unsigned(SIGNATURE + 12));
  }

  @Override
  public Contents contents() {
    long at = SIGNATURE;
    while (at + AROUND <= bytes.limit() && kind((int) at) != END) {
      at = behind((int) at);
    }
    return new Contents(at + AROUND <= bytes.limit() && behind((int) at) <= bytes.limit(), 0);
  }

  @Override
  public Orientation orientation() {
    int at = SIGNATURE;
    while (kind(at) != EXIF && kind(at) != END) {
      at = (int) behind(at);
    }
    return Orientation.in(bytes, at + 8, (int) unsigned(at));
  }

  /**
   * Without texts and colour profiles, a kilobyte of which can unpack to a megabyte, and without an
   * animation's frames, which take memory although none is shown.
   */
  @Override
  public byte[] essence(byte[] photo) {
    ByteBuffer essence = ByteBuffer.allocate(photo.length).put(photo, 0, SIGNATURE);
    int kind;
    int at = SIGNATURE;
    do {
      kind = kind(at);
      int behind = (int) behind(at);
      if ((kind & LOWER_CASE) == 0) {
        essence.put(photo, at, behind - at);
      }
      at = behind;
    } while (kind != END);
    // The zeros that follow are behind the end.
    return essence.array();
  }

  private int kind(int at) {
    return bytes.getInt(at + 4);
  }

  private long behind(int at) {
    return at + AROUND + unsigned(at);
  }

  private long unsigned(int at) {
    return Integer.toUnsignedLong(bytes.getInt(at));
  }
}
