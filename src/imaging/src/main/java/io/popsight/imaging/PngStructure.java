package io.popsight.imaging;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * PNG: a header chunk with the size, then chunks up to the one that says it is the end. The case of
 * a chunk's first letter says whether a picture can be drawn without it.
 */
final class PngStructure implements PhotoStructure {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int HEADER = 0x49484452;
  private static final int DATA = 0x49444154;
  private static final int EXIF = 0x65584966;
  private static final int TRANSPARENCY = 0x74524e53;
  private static final int END = 0x49454e44;
  private static final int LOWER_CASE = 0x20000000;
  private static final int GREY = 0;
  private static final int ALPHA = 4;

  /** Bytes that deflate can make of one. */
  private static final long MOST_UNPACKED = 1032;

  /** Zeros that are unpacked in about the time in which a photo of the most pixels is decoded. */
  private static final long HARMLESS = 1L << 30;

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
    long end = seek(END);
    boolean complete = end + AROUND <= bytes.limit() && behind((int) end) <= bytes.limit();
    if (complete && holdsMuchBehindItsRows()) {
      throw PhotoDecoder.broken(PhotoFormat.PNG, null);
    }
    return new Contents(complete, transparent() ? bytesBesideTransparent() : 0);
  }

  /**
   * Whether so much is packed behind the last row, all of which the decoder unpacks too, that it
   * would take longer than any photo. Where that row ends only unpacking tells, a good part of the
   * decoding: a file of up to a megabyte, as most are, is spared, and so is the last one of others.
   */
  private boolean holdsMuchBehindItsRows() {
    List<ByteBuffer> pieces = data();
    long packed = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
    if (!isMuch(packed)) {
      return false;
    }
    long left = rows().bytes();
    byte[] unpacked = new byte[1 << 16];
    Inflater inflater = new Inflater();
    try {
      for (ByteBuffer piece : pieces) {
        inflater.setInput(piece);
        int made = 1;
        while (made > 0 && left > 0 && isMuch(packed - inflater.getBytesRead())) {
          made = inflater.inflate(unpacked, 0, (int) Math.min(left, unpacked.length));
          left -= made;
        }
      }
      return left == 0 && isMuch(packed - inflater.getBytesRead());
    } catch (DataFormatException _) {
      // The decoder stops there too.
      return false;
    } finally {
      inflater.end();
    }
  }

  private static boolean isMuch(long packed) {
    return packed * MOST_UNPACKED > HARMLESS;
  }

  /** The pieces of the picture. */
  private List<ByteBuffer> data() {
    List<ByteBuffer> data = new ArrayList<>();
    for (int at = SIGNATURE; kind(at) != END; at = (int) behind(at)) {
      if (kind(at) == DATA) {
        data.add(bytes.slice(at + 8, (int) unsigned(at)));
      }
    }
    return data;
  }

  PngRows rows() {
    PixelSize size = size();
    return new PngRows(
        size.width(),
        size.height(),
        bytes.get(SIGNATURE + 16),
        bytes.get(SIGNATURE + 17),
        bytes.get(SIGNATURE + 20) != 0);
  }

  /** The transparency is a byte more a pixel; of 16 bits another picture is made of eight. */
  private int bytesBesideTransparent() {
    boolean sixteenBits = bytes.get(SIGNATURE + 16) == 16;
    return sixteenBits ? 8 : 1;
  }

  /** OpenCV does not say which grey stands for nothing; where one does it is drawn as grey. */
  @Override
  public boolean transparent() {
    int colourType = bytes.get(SIGNATURE + 17);
    long at = seek(TRANSPARENCY);
    return (colourType & ALPHA) != 0
        || (colourType != GREY && at + AROUND <= bytes.limit() && kind((int) at) == TRANSPARENCY);
  }

  @Override
  public Orientation orientation() {
    int at = (int) seek(EXIF);
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
      if ((kind & LOWER_CASE) == 0 || kind == TRANSPARENCY) {
        essence.put(photo, at, behind - at);
      }
      at = behind;
    } while (kind != END);
    // The zeros that follow are behind the end.
    return essence.array();
  }

  /** Where the first chunk of a kind starts, or the last one, or what is behind a file cut off. */
  private long seek(int wanted) {
    long at = SIGNATURE;
    while (at + AROUND <= bytes.limit() && kind((int) at) != wanted && kind((int) at) != END) {
      at = behind((int) at);
    }
    return at;
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
