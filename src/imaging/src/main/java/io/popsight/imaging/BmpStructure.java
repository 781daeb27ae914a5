package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/** BMP: a file header, an information header in one of its many versions, then rows. */
final class BmpStructure implements PhotoStructure {

  private static final int INFORMATION = 14;
  private static final int OLDEST = 12;
  private static final Set<Integer> VERSIONS = Set.of(OLDEST, 40, 52, 56, 64, 108, 124);

  /** As measured: OpenCV reads blue before red and copies the picture to exchange them. */
  private static final int BYTES_OF_COPY = 3;

  private final ByteBuffer bytes;

  BmpStructure(byte[] photo) {
    this.bytes = ByteBuffer.wrap(photo).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The two letters of the signature also start many a text. */
  static boolean plausible(byte[] photo) {
    return photo.length >= INFORMATION + OLDEST
        && VERSIONS.contains(new BmpStructure(photo).version());
  }

  @Override
  public PixelSize size() {
    if (version() == OLDEST) {
      return new PixelSize(twoBytes(18), twoBytes(20));
    }
    // A negative height means that the top row comes first.
    return new PixelSize(bytes.getInt(18), Math.abs((long) bytes.getInt(22)));
  }

  @Override
  public Contents contents() {
    long pixels = Integer.toUnsignedLong(bytes.getInt(10));
    boolean behindHeaders = pixels >= INFORMATION + version();
    return new Contents(behindHeaders && pixels + pixelBytes() <= bytes.limit(), BYTES_OF_COPY);
  }

  private long pixelBytes() {
    int bitsPerPixel = twoBytes(version() == OLDEST ? 24 : 28);
    int compression = version() == OLDEST ? 0 : bytes.getInt(30);
    boolean runLengths = compression == 1 || compression == 2;
    if (runLengths) {
      return Integer.toUnsignedLong(bytes.getInt(34));
    }
    PixelSize size = size();
    return (size.width() * bitsPerPixel + 31) / 32 * 4 * size.height();
  }

  private int version() {
    return bytes.getInt(INFORMATION);
  }

  private int twoBytes(int at) {
    return bytes.getShort(at) & 0xffff;
  }
}
