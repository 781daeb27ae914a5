package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.popsight.imaging.PhotoRefusedException.Reason;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngRowsTest {

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);

  @ParameterizedTest(name = "colour type {0} of {1} bits")
  @CsvSource({
    "0, 1", "0, 2", "0, 4", "0, 8", "0, 16", "2, 8", "2, 16", "3, 1", "3, 2", "3, 4", "3, 8",
    "4, 8", "4, 16", "6, 8", "6, 16"
  })
  void bytes_areThoseThatAWriterPacks(int colourType, int depth) throws IOException {
    Random random = new Random(colourType + depth);
    for (int i = 0; i < 40; i++) {
      int width = 1 + random.nextInt(i < 20 ? 9 : 90);
      int height = 1 + random.nextInt(i < 20 ? 9 : 90);
      boolean interlaced = random.nextBoolean();
      byte[] png = written(picture(colourType, depth, width, height), interlaced);

      PngRows rows = new PngStructure(png).rows();

      assertThat(rows).isEqualTo(new PngRows(width, height, depth, colourType, interlaced));
      assertThat(rows.bytes()).as("%s", rows).isEqualTo(unpacked(png));
    }
  }

  /** Zeros that would take seconds to unpack, behind the rows, in one piece and in many. */
  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, 8192})
  void farMoreThanTheRows_isDamaged(int piece) throws IOException {
    byte[] bomb = png(zeros((1L << 30) + (1 << 25)), piece);

    PhotoRefusedException refused =
        catchThrowableOfType(PhotoRefusedException.class, () -> decoder.decode(bomb).close());

    assertThat(refused).hasMessage("the PNG photo is damaged and cannot be decoded");
    assertThat(refused.reason()).isEqualTo(Reason.BROKEN);
  }

  @Test
  void littleMoreThanTheRows_isLeftOut() throws IOException {
    try (Photo photo = decoder.decode(png(zeros(1 << 20), 8192))) {
      assertThat(photo.width()).isEqualTo(1);
    }
  }

  /** Noise is as large packed as it is. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largePhoto_isDecoded(boolean interlaced) throws IOException {
    BufferedImage noise = new BufferedImage(1200, 900, BufferedImage.TYPE_3BYTE_BGR);
    Random random = new Random(1);
    for (int y = 0; y < noise.getHeight(); y++) {
      for (int x = 0; x < noise.getWidth(); x++) {
        noise.setRGB(x, y, random.nextInt());
      }
    }
    byte[] png = written(noise, interlaced);

    assertThat(png.length * 1032L).isGreaterThan(1L << 31);
    try (Photo photo = decoder.decode(png)) {
      assertThat(photo.width()).isEqualTo(1200);
    }
  }

  private static BufferedImage picture(int colourType, int depth, int width, int height) {
    if (colourType == 3) {
      byte[] shades = new byte[1 << depth];
      new Random(depth).nextBytes(shades);
      IndexColorModel palette =
          new IndexColorModel(depth, shades.length, shades, shades, new byte[shades.length]);
      return depth == 8
          ? new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, palette)
          : new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY, palette);
    }
    if (colourType == 0 && depth < 8) {
      byte[] shades = new byte[1 << depth];
      for (int i = 0; i < shades.length; i++) {
        shades[i] = (byte) (255 * i / (shades.length - 1));
      }
      IndexColorModel greys = new IndexColorModel(depth, shades.length, shades, shades, shades);
      return new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY, greys);
    }
    boolean alpha = (colourType & 4) != 0;
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance((colourType & 2) == 0 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB),
            alpha,
            false,
            alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            depth == 16 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE);
    return new BufferedImage(
        model, model.createCompatibleWritableRaster(width, height), false, null);
  }

  private static byte[] written(BufferedImage picture, boolean interlaced) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setProgressiveMode(
        interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(picture, null, null), how);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  private static int unpacked(byte[] png) throws IOException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    try (OutputStream out = new InflaterOutputStream(rows)) {
      ByteBuffer bytes = ByteBuffer.wrap(png);
      for (int at = 8; at < png.length; at += 12 + bytes.getInt(at)) {
        if (bytes.getInt(at + 4) == 0x49444154) {
          out.write(png, at + 8, bytes.getInt(at));
        }
      }
    }
    return rows.size();
  }

  private static byte[] zeros(long count) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(packed)) {
      byte[] some = new byte[1 << 20];
      for (long written = 0; written < count; written += some.length) {
        out.write(some);
      }
    }
    return packed.toByteArray();
  }

  /** Of one pixel. */
  private static byte[] png(byte[] packed, int piece) {
    byte[] whole = PhotoFiles.png(2, 8, 1, 1, "000000");
    int data = PhotoFiles.indexOf(whole, (byte) 'I', (byte) 'D', (byte) 'A', (byte) 'T') - 4;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(whole, 0, data);
    for (int at = 0; at < packed.length; at += Math.min(piece, packed.length - at)) {
      int length = Math.min(piece, packed.length - at);
      out.writeBytes(
          PhotoFiles.chunk("IDAT", ByteBuffer.allocate(length).put(packed, at, length).array()));
    }
    out.writeBytes(PhotoFiles.chunk("IEND", new byte[0]));
    return out.toByteArray();
  }
}
