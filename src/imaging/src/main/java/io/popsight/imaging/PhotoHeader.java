package io.popsight.imaging;

import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.bmp.BmpMetadataReader;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.imaging.png.PngMetadataReader;
import com.drew.imaging.webp.WebpMetadataReader;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.MetadataException;
import com.drew.metadata.bmp.BmpHeaderDirectory;
import com.drew.metadata.jpeg.JpegDirectory;
import com.drew.metadata.jpeg.JpegReader;
import com.drew.metadata.png.PngDirectory;
import com.drew.metadata.webp.WebpDirectory;
import io.popsight.imaging.PhotoRefusedException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The declared size of a photo, read before anything is allocated for it.
 *
 * @param width in pixels, before EXIF orientation
 * @param height in pixels, before EXIF orientation
 */
record PhotoHeader(long width, long height) {

  static PhotoHeader read(PhotoFormat format, byte[] file) {
    try (InputStream in = new ByteArrayInputStream(file)) {
      return switch (format) {
        case JPEG ->
            size(
                JpegMetadataReader.readMetadata(in, List.of(new JpegReader())),
                JpegDirectory.class,
                JpegDirectory.TAG_IMAGE_WIDTH,
                JpegDirectory.TAG_IMAGE_HEIGHT);
        case PNG ->
            size(
                PngMetadataReader.readMetadata(in),
                PngDirectory.class,
                PngDirectory.TAG_IMAGE_WIDTH,
                PngDirectory.TAG_IMAGE_HEIGHT);
        case WEBP ->
            size(
                WebpMetadataReader.readMetadata(in),
                WebpDirectory.class,
                WebpDirectory.TAG_IMAGE_WIDTH,
                WebpDirectory.TAG_IMAGE_HEIGHT);
        case BMP ->
            size(
                BmpMetadataReader.readMetadata(in),
                BmpHeaderDirectory.class,
                BmpHeaderDirectory.TAG_IMAGE_WIDTH,
                BmpHeaderDirectory.TAG_IMAGE_HEIGHT);
      };
    } catch (ImageProcessingException | IOException | MetadataException e) {
      throw new PhotoRefusedException(
          Reason.BROKEN, "the %s header cannot be read: %s".formatted(format, e.getMessage()));
    }
  }

  private static <D extends Directory> PhotoHeader size(
      Metadata metadata, Class<D> type, int widthTag, int heightTag) throws MetadataException {
    for (D directory : metadata.getDirectoriesOfType(type)) {
      if (directory.containsTag(widthTag) && directory.containsTag(heightTag)) {
        // A negative height is a top-down BMP.
        return new PhotoHeader(directory.getLong(widthTag), Math.abs(directory.getLong(heightTag)));
      }
    }
    throw new MetadataException("no size in it");
  }
}
