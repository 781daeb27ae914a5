package io.popsight.imaging;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The picture of {@link PhotoFiles} as JPEGs that few people send. */
final class JpegFiles {

  private JpegFiles() {}

  /** As differences from the pixel before: after the first one none. */
  static byte[] lossless() {
    String firstPixel = "01" + "1111111" + "00" + "10" + "01111111";
    String bits = firstPixel + "00".repeat(3 * (PhotoFiles.WIDTH * PhotoFiles.HEIGHT - 1)) + "1";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HexFormat hex = HexFormat.of();
    out.writeBytes(hex.parseHex("ffd8" + "ffc300110800200030" + "03521100471100421100"));
    out.writeBytes(hex.parseHex("ffc40016" + "00" + "0003" + "00".repeat(14) + "000708"));
    out.writeBytes(hex.parseHex("ffda000c" + "03520047004200" + "010000"));
    for (int at = 0; at < bits.length(); at += 8) {
      out.write(Integer.parseInt(bits.substring(at, at + 8), 2));
    }
    out.writeBytes(hex.parseHex("ffd9"));
    return out.toByteArray();
  }

  /** The last scan of a progressive JPEG again and again. */
  static byte[] ofManyScans(int more) {
    byte[] file = PhotoFiles.progressiveJpeg();
    int last = file.length - 2;
    while ((file[last] & 0xff) != 0xff || (file[last + 1] & 0xff) != 0xda) {
      last--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, last);
    for (int scan = 0; scan <= more; scan++) {
      out.write(file, last, file.length - 2 - last);
    }
    out.write(file, file.length - 2, 2);
    return out.toByteArray();
  }

  /**
   * As many scans within what a marker that no photo has seems to skip. Behind it and an interval
   * of restarts, decoders go on at the next marker.
   */
  static byte[] ofHiddenScans(int more) {
    byte[] file = ofManyScans(more);
    int scan = PhotoFiles.indexOf(file, (byte) 0xff, (byte) 0xda);
    int data = scan + 2 + ByteBuffer.wrap(file).getShort(scan + 2);
    byte[] interval = {(byte) 0xff, (byte) 0xdd, 0, 4, 0, 1};
    byte[] skip = {
      (byte) 0xff, 0x02, (byte) ((file.length - data) >> 8), (byte) (file.length - data)
    };
    return ByteBuffer.allocate(file.length + interval.length + skip.length)
        .put(file, 0, scan)
        .put(interval)
        .put(file, scan, data - scan)
        .put(skip)
        .put(file, data, file.length - data)
        .array();
  }

  /** A progressive JPEG that announces more scans than it has. */
  static byte[] ofOneProgressiveScan() {
    byte[] file = PhotoFiles.progressiveJpeg();
    int first = PhotoFiles.indexOf(file, (byte) 0xff, (byte) 0xda);
    int rest =
        PhotoFiles.indexOf(
            Arrays.copyOfRange(file, first + 2, file.length), (byte) 0xff, (byte) 0xc4);
    byte[] one = Arrays.copyOf(file, first + 2 + rest + 2);
    return PhotoFiles.patched(one, one.length - 2, 0xff, 0xd9);
  }

  /** Grey, not progressive, but each of its components comes in a scan of its own. */
  static byte[] ofOneComponentAScan() {
    HexFormat hex = HexFormat.of();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(hex.parseHex("ffd8ffdb004300" + "01".repeat(64)));
    out.writeBytes(hex.parseHex("ffc000110800200030" + "03011100021100031100"));
    for (String kind : List.of("00", "10")) {
      out.writeBytes(hex.parseHex("ffc40014" + kind + "01" + "00".repeat(16)));
    }
    for (String component : List.of("01", "02", "03")) {
      out.writeBytes(hex.parseHex("ffda000801" + component + "00003f00" + "00".repeat(6)));
    }
    out.writeBytes(hex.parseHex("ffd9"));
    return out.toByteArray();
  }

  /** In the segment that cameras write first. */
  static byte[] withExif(byte[] exif) {
    byte[] file = PhotoFiles.orange("jpg");
    byte[] introduction = {'E', 'x', 'i', 'f', 0, 0};
    boolean introduced = exif.length > 0 && exif[0] == 'E';
    int length = exif.length + (introduced ? 0 : introduction.length);
    ByteBuffer out = ByteBuffer.allocate(file.length + 4 + length);
    out.put(file, 0, 2).putShort((short) 0xffe1).putShort((short) (2 + length));
    out.put(introduction, 0, introduced ? 0 : introduction.length).put(exif);
    return out.put(file, 2, file.length - 2).array();
  }
}
