package io.popsight.imaging;

import io.popsight.imaging.PhotoRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * JPEG, PNG, WebP and BMP into 8-bit RGB, the right way up. Size and completeness are read from the
 * file's structure before OpenCV sees it, so that no upload can make it allocate more than the
 * limits say. 16-bit, grey, CMYK and transparent photos are converted; of an animation the first
 * frame is taken. Thread-safe.
 */
public final class PhotoDecoder {

  private final PhotoLimits limits;

  /** A decoder within limits. */
  public PhotoDecoder(PhotoLimits limits) {
    OpenCv.load();
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
      throw new PhotoRefusedException(e.reason(), file + ": " + e.getMessage(), e);
    }
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
    requireBytes(encoded.length);
    if (encoded.length == 0) {
      throw new PhotoRefusedException(Reason.EMPTY, "the photo is empty: zero bytes");
    }
    PhotoFormat format = PhotoFormat.of(encoded).orElseThrow(() -> unknown(encoded));
    check(format, format.structure(encoded));
    return new Photo(pixels(format, encoded));
  }

  private void requireBytes(long bytes) {
    if (bytes > limits.maxBytes()) {
      throw new PhotoRefusedException(
          Reason.TOO_MANY_BYTES,
          "the photo has %d bytes; at most %d are accepted".formatted(bytes, limits.maxBytes()));
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

  private void check(PhotoFormat format, PhotoStructure structure) {
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
      if (structure.complete()) {
        return;
      }
    } catch (IndexOutOfBoundsException e) {
      throw new PhotoRefusedException(
          Reason.TRUNCATED, "the %s photo is cut off inside its header".formatted(format), e);
    }
    throw new PhotoRefusedException(
        Reason.TRUNCATED, "the %s photo is cut off: its end is missing".formatted(format));
  }

  private static Mat pixels(PhotoFormat format, byte[] encoded) {
    Mat photo;
    try (BytePointer bytes = new BytePointer(encoded);
        Mat input = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes)) {
      // This flag also turns the photo as its EXIF orientation says.
      photo = opencv_imgcodecs.imdecode(input, opencv_imgcodecs.IMREAD_COLOR_RGB);
    } catch (RuntimeException e) {
      throw broken(format, e);
    }
    if (photo.empty() || photo.type() != opencv_core.CV_8UC3) {
      photo.close();
      throw broken(format, null);
    }
    return photo;
  }

  private static PhotoRefusedException broken(PhotoFormat format, @Nullable Throwable cause) {
    String message = "the %s photo is damaged and cannot be decoded".formatted(format);
    return cause == null
        ? new PhotoRefusedException(Reason.BROKEN, message)
        : new PhotoRefusedException(Reason.BROKEN, message, cause);
  }
}
