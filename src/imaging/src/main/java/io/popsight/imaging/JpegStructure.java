package io.popsight.imaging;

import java.nio.ByteBuffer;

/**
 * JPEG: segments up to the start of the first scan, then compressed data up to the end marker. A
 * thumbnail sits inside a segment and is stepped over with it.
 */
final class JpegStructure implements PhotoStructure {

  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;

  private final ByteBuffer bytes;

  JpegStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo);
  }

  @Override
  public PixelSize size() {
    int at = 2;
    while (true) {
      at = nextMarker(at);
      int marker = marker(at);
      if (isFrame(marker)) {
        return new PixelSize(bytes.getShort(at + 7) & 0xffff, bytes.getShort(at + 5) & 0xffff);
      }
      if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
        return new PixelSize(0, 0);
      }
      at = behind(at);
    }
  }

  @Override
  public boolean complete() {
    int at = nextMarker(2);
    while (marker(at) != START_OF_SCAN) {
      at = nextMarker(behind(at));
    }
    // Inside a scan every 0xff of data is followed by a zero, so this pair is the marker.
    for (int i = behind(at); i + 1 < bytes.limit(); i++) {
      if (bytes.get(i) == (byte) 0xff && marker(i) == END_OF_IMAGE) {
        return true;
      }
    }
    return false;
  }

  /** Position of the last 0xff before the next marker byte; decoders skip what is in between. */
  private int nextMarker(int from) {
    int at = from;
    while (bytes.get(at) != (byte) 0xff || marker(at) == 0xff || marker(at) == 0) {
      at++;
    }
    return at;
  }

  private int marker(int at) {
    return bytes.get(at + 1) & 0xff;
  }

  private int behind(int at) {
    int marker = marker(at);
    boolean bare = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    return at + 2 + (bare ? 0 : bytes.getShort(at + 2) & 0xffff);
  }

  /** Start-of-frame markers; C4, C8 and CC among them are tables. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }
}
