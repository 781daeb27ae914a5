package io.popsight.imaging;

import static java.lang.Math.ceilDiv;

import io.popsight.geometry.Letterbox;
import io.popsight.imaging.PhotoRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * JPEG, PNG, WebP and BMP into 8-bit RGB, the right way up. Size and completeness are read from the
 * file's structure before OpenCV sees it, so that no upload can make it allocate more than the
 * limits say. 16-bit, grey and CMYK photos are converted; what is transparent is shown on white, a
 * grey PNG's one transparent grey as it is; of an animated WebP the first frame is taken, of an
 * animated PNG the picture that is shown where none moves. Thread-safe.
 */
public final class PhotoDecoder {

  private static final int LARGEST_DIVISOR = 8;
  private static final int BYTES_OF_PIXEL = 3;

  private final PhotoLimits limits;

  /** A decoder within limits. */
  public PhotoDecoder(PhotoLimits limits) {
    this.limits = limits;
  }

  /**
   * Decodes a file.
   *
   * @throws PhotoRefusedException saying why, with the file's name
   */
  public Photo decode(Path file) {
    byte[] encoded = read(file);
    try {
      return decode(encoded);
    } catch (PhotoRefusedException e) {
      throw named(file, e);
    }
  }

  /**
   * Decodes a file for a network's input, as {@link #decodeFor(byte[], int, int)} does.
   *
   * @throws PhotoRefusedException saying why, with the file's name
   */
  public ReducedPhoto decodeFor(Path file, int inputWidth, int inputHeight) {
    byte[] encoded = read(file);
    try {
      return decodeFor(encoded, inputWidth, inputHeight);
    } catch (PhotoRefusedException e) {
      throw named(file, e);
    }
  }

  private static PhotoRefusedException named(Path file, PhotoRefusedException e) {
    return new PhotoRefusedException(e.reason(), file + ": " + e.getMessage(), e);
  }

  /**
   * The bytes of a file that is not larger than the limits allow.
   *
   * @throws PhotoRefusedException saying why
   */
  public byte[] read(Path file) {
    try {
      requireBytes(Files.size(file));
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PhotoRefusedException(Reason.UNREADABLE, "there is no file " + file, e);
    } catch (IOException e) {
      throw new PhotoRefusedException(Reason.UNREADABLE, file + " cannot be read: " + e, e);
    }
  }

  /**
   * Decodes a photo.
   *
   * @throws PhotoRefusedException saying why
   */
  public Photo decode(byte[] encoded) {
    PhotoFormat format = formatOf(encoded);
    PhotoStructure structure = format.structure(encoded);
    PixelSize size = check(format, structure, _ -> 1);
    return new Photo(pixels(format, structure, encoded, size, 1));
  }

  /**
   * Decodes a photo for a network's input. A JPEG of at least twice its size is decoded at a half,
   * a quarter or an eighth: its blocks have those sizes in them, for a part of the time.
   *
   * @throws PhotoRefusedException saying why
   */
  public ReducedPhoto decodeFor(byte[] encoded, int inputWidth, int inputHeight) {
    PhotoFormat format = formatOf(encoded);
    PhotoStructure structure = format.structure(encoded);
    ToIntFunction<PixelSize> reducing =
        size -> structure.shrinks() ? divisor(size, inputWidth, inputHeight) : 1;
    PixelSize size = check(format, structure, reducing);
    int width = Math.toIntExact(size.width());
    int height = Math.toIntExact(size.height());
    Mat pixels = pixels(format, structure, encoded, size, reducing.applyAsInt(size));
    return structure.orientation().swapsSides()
        ? new ReducedPhoto(pixels, height, width)
        : new ReducedPhoto(pixels, width, height);
  }

  /** What both sides may be divided by without falling below what the network sees of them. */
  private static int divisor(PixelSize size, int inputWidth, int inputHeight) {
    int width = Math.toIntExact(size.width());
    int height = Math.toIntExact(size.height());
    for (int divisor = LARGEST_DIVISOR; divisor > 1; divisor /= 2) {
      if (enough(width, height, inputWidth, inputHeight, divisor)
          && enough(height, width, inputWidth, inputHeight, divisor)) {
        return divisor;
      }
    }
    return 1;
  }

  private static boolean enough(
      int width, int height, int inputWidth, int inputHeight, int divisor) {
    Letterbox box = Letterbox.fit(width, height, inputWidth, inputHeight);
    return box.width() * divisor <= width && box.height() * divisor <= height;
  }

  private PhotoFormat formatOf(byte[] encoded) {
    requireBytes(encoded.length);
    if (encoded.length == 0) {
      throw new PhotoRefusedException(Reason.EMPTY, "the photo is empty: zero bytes");
    }
    return PhotoFormat.of(encoded).orElseThrow(() -> unknown(encoded));
  }

  private void requireBytes(long bytes) {
    if (bytes > limits.maxBytes()) {
      throw new PhotoRefusedException(
          Reason.TOO_MANY_BYTES, "the photo has more than %d bytes".formatted(limits.maxBytes()));
    }
  }

  private static PhotoRefusedException unknown(byte[] encoded) {
    return PhotoFormat.foreign(encoded)
        .map(
            name ->
                new PhotoRefusedException(
                    Reason.UNSUPPORTED_FORMAT,
                    name + " is not supported; send JPEG, PNG, WebP or BMP"))
        .orElseGet(
            () ->
                new PhotoRefusedException(
                    Reason.NOT_A_PHOTO, "this is no photo; send JPEG, PNG, WebP or BMP"));
  }

  /** Which size a photo has that is whole and within the limits when it is decoded so reduced. */
  private PixelSize check(
      PhotoFormat format, PhotoStructure structure, ToIntFunction<PixelSize> reducing) {
    try {
      PixelSize size = structure.size();
      if (!size.positive()) {
        throw broken(format, null);
      }
      if (size.exceeds(limits.maxPixels())) {
        throw new PhotoRefusedException(
            Reason.TOO_MANY_PIXELS,
            "the photo is %d x %d pixels; at most %d in all are accepted"
                .formatted(size.width(), size.height(), limits.maxPixels()));
      }
      PhotoStructure.Contents contents = structure.contents();
      contents
          .excess()
          .ifPresent(
              excess -> {
                throw new PhotoRefusedException(
                    Reason.UNSUPPORTED_FORMAT,
                    "the %s photo has %s and is not decoded".formatted(format, excess));
              });
      if (!contents.complete()) {
        throw new PhotoRefusedException(
            Reason.TRUNCATED, "the %s photo is cut off: its end is missing".formatted(format));
      }
      requireMemory(format, size, contents.bytesBeside(), reducing.applyAsInt(size));
      return size;
    } catch (IndexOutOfBoundsException e) {
      throw new PhotoRefusedException(
          Reason.TRUNCATED, "the %s photo is cut off inside its header".formatted(format), e);
    }
  }

  private void requireMemory(PhotoFormat format, PixelSize size, double beside, int divisor) {
    double bytes = beside + (double) BYTES_OF_PIXEL / (divisor * divisor);
    if (size.exceeds((long) (limits.maxPixels() * BYTES_OF_PIXEL / bytes))) {
      throw new PhotoRefusedException(
          Reason.TOO_MANY_PIXELS,
          "the photo is %d x %d pixels, which take, as this kind of %s, %.1f MB to decode; at most %.1f are accepted"
              .formatted(
                  size.width(),
                  size.height(),
                  format,
                  bytes * size.width() * size.height() / 1e6,
                  limits.maxPixels() * BYTES_OF_PIXEL / 1e6));
    }
  }

  private static Mat pixels(
      PhotoFormat format, PhotoStructure structure, byte[] encoded, PixelSize size, int divisor) {
    OpenCv.load();
    Mat photo;
    try {
      photo = pixels(structure, encoded, divisor);
    } catch (RuntimeException e) {
      throw broken(format, e);
    }
    boolean asDeclared =
        photo.cols() == ceilDiv(size.width(), divisor)
            && photo.rows() == ceilDiv(size.height(), divisor);
    if (!asDeclared || photo.type() != opencv_core.CV_8UC3) {
      photo.close();
      throw broken(format, null);
    }
    try {
      structure.orientation().turn(photo);
    } catch (RuntimeException e) {
      photo.close();
      throw broken(format, e);
    }
    return photo;
  }

  private static Mat pixels(PhotoStructure structure, byte[] encoded, int divisor) {
    byte[] essence = structure.essence(encoded);
    try (BytePointer bytes = new BytePointer(essence);
        Mat input = new Mat(1, essence.length, opencv_core.CV_8UC1, bytes)) {
      if (structure.transparent()) {
        Mat picture = opencv_imgcodecs.imdecode(input, opencv_imgcodecs.IMREAD_UNCHANGED);
        if (picture.channels() == WhitePage.CHANNELS) {
          return WhitePage.under(picture);
        }
        // A transparency that is damaged is left out, and the colours may be grey or blue first.
        picture.close();
      }
      return opencv_imgcodecs.imdecode(input, flags(divisor));
    }
  }

  /** OpenCV's names say grey, but the bits that they add mean nothing but the size. */
  private static int flags(int divisor) {
    int reduced =
        switch (divisor) {
          case 2 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
          case 4 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
          case 8 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
          default -> 0;
        };
    return opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION | reduced;
  }

  static PhotoRefusedException broken(PhotoFormat format, @Nullable Throwable cause) {
    String message = "the %s photo is damaged and cannot be decoded".formatted(format);
    return cause == null
        ? new PhotoRefusedException(Reason.BROKEN, message)
        : new PhotoRefusedException(Reason.BROKEN, message, cause);
  }
}
