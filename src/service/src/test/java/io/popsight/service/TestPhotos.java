package io.popsight.service;

import java.awt.image.BufferedImage;
import java.awt.image.RescaleOp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** A real photo and what can be made of it. */
final class TestPhotos {

  private TestPhotos() {}

  /** Blood cells, 640x480 JPEG (BCCD, MIT). */
  static byte[] cells() {
    try (InputStream in =
        Objects.requireNonNull(
            TestPhotos.class.getResourceAsStream("/cells/BloodImage_00000.jpg"))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same photo in another encoding, drawn on a picture of another type. */
  static byte[] as(String format, int imageType) {
    try {
      BufferedImage photo = ImageIO.read(new ByteArrayInputStream(cells()));
      BufferedImage copy = new BufferedImage(photo.getWidth(), photo.getHeight(), imageType);
      copy.createGraphics().drawImage(photo, 0, 0, null);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (!ImageIO.write(copy, format, out)) {
        throw new IllegalArgumentException("no writer for " + format);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Noise of 1920x1440 as a coarse JPEG: 0.3 MB that become 0.9 as a fine one and 6 as PNG. */
  static byte[] grainy() {
    Random random = new Random(1);
    BufferedImage noise = new BufferedImage(1920, 1440, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < noise.getHeight(); y++) {
      for (int x = 0; x < noise.getWidth(); x++) {
        noise.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam coarse = writer.getDefaultWriteParam();
    coarse.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    coarse.setCompressionQuality(.1f);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream file = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(file);
      writer.write(null, new IIOImage(noise, null, null), coarse);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** The same photo in four places of one of 1280x960, as PNG: cells of half the usual size. */
  static byte[] cellsFourTimes() {
    try {
      BufferedImage photo = ImageIO.read(new ByteArrayInputStream(cells()));
      int width = photo.getWidth();
      int height = photo.getHeight();
      BufferedImage four = new BufferedImage(2 * width, 2 * height, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < 4; i++) {
        four.createGraphics().drawImage(photo, i % 2 * width, i / 2 * height, null);
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(four, "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A black one, as PNG. */
  static byte[] blank(int width, int height) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same photo stretched to a size, as planes of red, green and blue from 0 to 1. */
  static List<Float> stretched(int width, int height) {
    try {
      BufferedImage photo = ImageIO.read(new ByteArrayInputStream(cells()));
      BufferedImage copy = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      copy.createGraphics().drawImage(photo, 0, 0, width, height, null);
      List<Float> planes = new ArrayList<>();
      for (int shift = 16; shift >= 0; shift -= 8) {
        for (int pixel : copy.getRGB(0, 0, width, height, null, 0, width)) {
          planes.add((pixel >> shift & 0xff) / 255f);
        }
      }
      return planes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same photo with a tenth of its light, as PNG. */
  static byte[] dark() {
    try {
      BufferedImage photo = ImageIO.read(new ByteArrayInputStream(cells()));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(new RescaleOp(0.1f, 0, null).filter(photo, null), "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A PNG of a few bytes whose header declares 50,000 x 50,000 pixels. */
  static byte[] pngBomb() {
    ByteBuffer header = ByteBuffer.allocate(17);
    header.put(new byte[] {'I', 'H', 'D', 'R'}).putInt(50_000).putInt(50_000);
    header.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.array());
    return ByteBuffer.allocate(8 + 4 + 17 + 4 + 12)
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'})
        .putInt(13)
        .put(header.array())
        .putInt((int) crc.getValue())
        .putInt(0)
        .put(new byte[] {'I', 'E', 'N', 'D'})
        .putInt(0xAE426082)
        .array();
  }
}
