package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** BMP: a file header, an information header in one of its many versions, then rows. */
final class BmpStructure implements PhotoStructure {

  private static final int INFORMATION = 14;
  private static final int PIXELS = 10;
  private static final int MASKS = 54;
  private static final int BEHIND_MASKS = MASKS + 12;
  private static final int FOURTH_MASK = 4;
  private static final int OLDEST = 12;
  private static final int OLDER = 40;
  private static final int NEWER = 56;
  private static final Set<Integer> VERSIONS = Set.of(OLDEST, OLDER, 52, NEWER, 64, 108, 124);

  /** Of red, green and blue, as OpenCV knows them. */
  private static final Set<List<Integer>> MASKS_OF_16_BITS =
      Set.of(List.of(0xf800, 0x7e0, 0x1f), List.of(0x7c00, 0x3e0, 0x1f));

  /** As measured: OpenCV reads blue before red and copies the picture to exchange them. */
  private static final int BYTES_OF_COPY = 3;

  private final ByteBuffer bytes;

  BmpStructure(byte[] photo) {
    this.bytes = littleEndian(photo);
  }

  private static ByteBuffer littleEndian(byte[] photo) {
    return ByteBuffer.wrap(photo).order(ByteOrder.LITTLE_ENDIAN);
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
    long pixels = Integer.toUnsignedLong(bytes.getInt(PIXELS));
    boolean behindHeaders = pixels >= INFORMATION + version();
    return new Contents(
        behindHeaders && pixels + pixelBytes() <= bytes.limit(),
        BYTES_OF_COPY,
        masked() && bitsPerPixel() == 16 && !MASKS_OF_16_BITS.contains(masks())
            ? Optional.of("16 bits a pixel with masks other than RGB's 5-6-5 and 5-5-5")
            : Optional.empty());
  }

  /**
   * OpenCV reads the masks of 16 bits behind the header, where it is the older one, and those of 32
   * bits inside, where it is a newer one with a fourth. Both are at the same place.
   */
  @Override
  public byte[] essence(byte[] photo) {
    if (!masked()) {
      return photo;
    }
    if (bitsPerPixel() == 16) {
      if (version() == OLDER) {
        return photo;
      }
      byte[] older = photo.clone();
      littleEndian(older).putInt(INFORMATION, OLDER);
      return older;
    }
    boolean overlapping = Integer.toUnsignedLong(bytes.getInt(PIXELS)) < BEHIND_MASKS;
    if (version() >= NEWER || overlapping) {
      return photo;
    }
    byte[] newer = new byte[photo.length + FOURTH_MASK];
    System.arraycopy(photo, 0, newer, 0, BEHIND_MASKS);
    System.arraycopy(
        photo, BEHIND_MASKS, newer, BEHIND_MASKS + FOURTH_MASK, photo.length - BEHIND_MASKS);
    littleEndian(newer)
        .putInt(INFORMATION, NEWER)
        .putInt(PIXELS, bytes.getInt(PIXELS) + FOURTH_MASK);
    return newer;
  }

  private long pixelBytes() {
    int bitsPerPixel = bitsPerPixel();
    boolean runLengths = compression() == 1 || compression() == 2;
    if (runLengths) {
      return Integer.toUnsignedLong(bytes.getInt(34));
    }
    PixelSize size = size();
    return (size.width() * bitsPerPixel + 31) / 32 * 4 * size.height();
  }

  /** Whether the file says which bits of a pixel are red, which green and which blue. */
  private boolean masked() {
    return compression() == 3 && (bitsPerPixel() == 16 || bitsPerPixel() == 32);
  }

  private List<Integer> masks() {
    return List.of(bytes.getInt(MASKS), bytes.getInt(MASKS + 4), bytes.getInt(MASKS + 8));
  }

  private int bitsPerPixel() {
    return twoBytes(version() == OLDEST ? 24 : 28);
  }

  private int compression() {
    return version() == OLDEST ? 0 : bytes.getInt(30);
  }

  private int version() {
    return bytes.getInt(INFORMATION);
  }

  private int twoBytes(int at) {
    return bytes.getShort(at) & 0xffff;
  }
}
