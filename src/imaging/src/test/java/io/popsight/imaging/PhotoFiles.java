package io.popsight.imaging;

import java.awt.Color;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;

/** One orange picture in every kind of file. */
final class PhotoFiles {

  static final int WIDTH = 48;
  static final int HEIGHT = 32;
  private static final Color ORANGE = new Color(255, 128, 0);

  private PhotoFiles() {}

  static byte[] orange(String format) {
    return encode(
        paint(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB), ORANGE), format);
  }

  static byte[] transparentPng(int alpha) {
    Color faint = new Color(255, 128, 0, alpha);
    return encode(
        paint(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB), faint), "png");
  }

  /** All of one pixel. */
  static byte[] png(int colourType, int depth, String pixel, byte[]... chunks) {
    return png(colourType, depth, WIDTH, HEIGHT, pixel.repeat(WIDTH), chunks);
  }

  /**
   * All of one row.
   *
   * @param row hexadecimal
   * @param chunks before the pixels
   */
  static byte[] png(
      int colourType, int depth, int width, int height, String row, byte[]... chunks) {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(pixels)) {
      out.write(HexFormat.of().parseHex(("00" + row).repeat(height)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex("89504e470d0a1a0a"));
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    out.writeBytes(chunk("IHDR", header.put((byte) depth).put((byte) colourType).array()));
    List.of(chunks).forEach(out::writeBytes);
    out.writeBytes(chunk("IDAT", pixels.toByteArray()));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  static byte[] sixteenBitPng() {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
    return encode(paint(new BufferedImage(model, raster, false, null), ORANGE), "png");
  }

  /**
   * All of one pixel; masks say which of its bits are which colour.
   *
   * @param version bytes of the header; of the older ones the masks are behind it
   * @param masks of red, green and blue
   */
  static byte[] bmp(int version, int[] masks, String pixel) {
    int pixels = 14 + Math.max(version, 52);
    byte[] rows = HexFormat.of().parseHex(pixel.repeat(WIDTH * HEIGHT));
    ByteBuffer out = ByteBuffer.allocate(pixels + rows.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(ascii("BM")).putInt(out.capacity()).putInt(0).putInt(pixels);
    out.putInt(version).putInt(WIDTH).putInt(HEIGHT).putShort((short) 1);
    out.putShort((short) (4 * pixel.length())).putInt(3).putInt(rows.length);
    out.position(54);
    for (int mask : masks) {
      out.putInt(mask);
    }
    return out.put(pixels, rows).array();
  }

  /** Inverted, as Photoshop writes CMYK and as every decoder expects it. */
  static byte[] cmykJpeg() {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, WIDTH, HEIGHT, 4, null);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        raster.setPixel(x, y, new int[] {255, 128, 0, 255});
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(raster, null, null), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** In about ten scans. */
  static byte[] progressiveJpeg() {
    return encode(".jpg", opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1);
  }

  /** With a chunk more, before the pixels. */
  static byte[] pngWith(String type, byte[] content) {
    byte[] file = orange("png");
    byte[] chunk = chunk(type, content);
    int data = indexOf(file, (byte) 'I', (byte) 'D', (byte) 'A', (byte) 'T') - 4;
    return ByteBuffer.allocate(file.length + chunk.length)
        .put(file, 0, data)
        .put(chunk)
        .put(file, data, file.length - data)
        .array();
  }

  /** Behind the picture. */
  static byte[] webpWithExif(byte[] exif) {
    byte[] still = webp(80);
    int image = 12;
    int padded = exif.length + exif.length % 2;
    int size = 4 + 18 + still.length - image + 8 + padded;
    ByteBuffer out = ByteBuffer.allocate(8 + size);
    putExtended(out, 8);
    out.put(still, image, still.length - image).put(ascii("EXIF")).putInt(exif.length);
    return out.put(Arrays.copyOf(exif, padded)).array();
  }

  private static void putExtended(ByteBuffer out, int flags) {
    out.order(ByteOrder.LITTLE_ENDIAN).put(ascii("RIFF")).putInt(out.capacity() - 8);
    out.put(ascii("WEBPVP8X")).putInt(10).putInt(flags);
    threeBytes(out, WIDTH - 1);
    threeBytes(out, HEIGHT - 1);
  }

  /** Two frames, both orange; the second in a chunk of its own. */
  static byte[] animatedPng() {
    byte[] still = orange("png");
    int data = indexOf(still, (byte) 'I', (byte) 'D', (byte) 'A', (byte) 'T') - 4;
    int length = ByteBuffer.wrap(still).getInt(data);
    byte[] pixels = Arrays.copyOfRange(still, data + 8, data + 8 + length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(still, 0, data);
    out.writeBytes(chunk("acTL", ByteBuffer.allocate(8).putInt(2).putInt(0).array()));
    out.writeBytes(chunk("fcTL", frameControl(0)));
    out.writeBytes(Arrays.copyOfRange(still, data, data + 12 + length));
    out.writeBytes(chunk("fcTL", frameControl(1)));
    out.writeBytes(chunk("fdAT", ByteBuffer.allocate(4 + length).putInt(2).put(pixels).array()));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  /** Quality 1 to 100; above that lossless. */
  static byte[] webp(int quality) {
    return encode(".webp", opencv_imgcodecs.IMWRITE_WEBP_QUALITY, quality);
  }

  private static byte[] encode(String extension, int... options) {
    byte[] bgr = new byte[WIDTH * HEIGHT * 3];
    for (int i = 0; i < bgr.length; i += 3) {
      bgr[i + 1] = (byte) 128;
      bgr[i + 2] = (byte) 255;
    }
    try (Photo photo = Photo.of(WIDTH, HEIGHT, bgr);
        BytePointer file = new BytePointer();
        IntPointer parameters = new IntPointer(options)) {
      opencv_imgcodecs.imencode(extension, photo.mat(), file, parameters);
      byte[] bytes = new byte[Math.toIntExact(file.limit())];
      file.get(bytes);
      return bytes;
    }
  }

  /** Lossy, with a transparency of its own. */
  static byte[] transparentWebp(int alpha) {
    byte[] still = webp(80);
    int image = 12;
    byte[] plane = new byte[1 + WIDTH * HEIGHT + 1];
    Arrays.fill(plane, 1, plane.length, (byte) alpha);
    int size = 4 + 18 + 8 + plane.length + still.length - image;
    ByteBuffer out = ByteBuffer.allocate(8 + size);
    putExtended(out, 16);
    out.put(ascii("ALPH")).putInt(plane.length - 1).put(plane);
    return out.put(still, image, still.length - image).array();
  }

  /** Two frames of the same picture. */
  static byte[] animatedWebp() {
    byte[] still = webp(80);
    int image = 12;
    byte[] chunk = Arrays.copyOfRange(still, image, still.length);
    int frame = 16 + chunk.length;
    int size = 4 + 18 + 14 + 2 * (8 + frame);
    ByteBuffer out = ByteBuffer.allocate(8 + size);
    putExtended(out, 2);
    out.put(ascii("ANIM")).putInt(6).putInt(-1).putShort((short) 0);
    for (int f = 0; f < 2; f++) {
      out.put(ascii("ANMF")).putInt(frame);
      threeBytes(out, 0);
      threeBytes(out, 0);
      threeBytes(out, WIDTH - 1);
      threeBytes(out, HEIGHT - 1);
      threeBytes(out, 100);
      out.put((byte) 0).put(chunk);
    }
    return out.array();
  }

  static byte[] patched(byte[] file, int at, int... bytes) {
    byte[] copy = file.clone();
    for (int i = 0; i < bytes.length; i++) {
      copy[at + i] = (byte) bytes[i];
    }
    return copy;
  }

  static int indexOf(byte[] file, byte... pattern) {
    for (int at = 0; at <= file.length - pattern.length; at++) {
      if (Arrays.equals(file, at, at + pattern.length, pattern, 0, pattern.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("not found");
  }

  private static byte[] frameControl(int sequence) {
    return ByteBuffer.allocate(26)
        .putInt(sequence)
        .putInt(WIDTH)
        .putInt(HEIGHT)
        .putLong(0)
        .putInt(0x0001000A)
        .putShort((short) 0)
        .array();
  }

  static byte[] chunk(String type, byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(ascii(type));
    crc.update(content);
    return ByteBuffer.allocate(12 + content.length)
        .putInt(content.length)
        .put(ascii(type))
        .put(content)
        .putInt((int) crc.getValue())
        .array();
  }

  private static void threeBytes(ByteBuffer out, int value) {
    out.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static BufferedImage paint(BufferedImage picture, Color colour) {
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        picture.setRGB(x, y, colour.getRGB());
      }
    }
    return picture;
  }

  private static byte[] encode(BufferedImage picture, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(picture, format, out)) {
        throw new IllegalArgumentException("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
