package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import java.nio.file.Path;
import java.util.Optional;

/** Sides of a photo as training and evaluation will see it: decoded, the right way up. */
record PhotoSize(int width, int height) {

  private static final PhotoDecoder DECODER = new PhotoDecoder(PhotoLimits.DEFAULT);

  /**
   * Decodes the photo, so that a damaged one is found here and not in the middle of a training.
   *
   * @throws io.popsight.imaging.PhotoRefusedException naming the file and the reason
   */
  static PhotoSize of(Path file) {
    try (Photo photo = DECODER.decode(file)) {
      return new PhotoSize(photo.width(), photo.height());
    }
  }

  /** The part of a box that lies on the photo; without area when none does. */
  BoundingBox clip(BoundingBox box) {
    return new BoundingBox(
        Math.clamp(box.xMin(), 0, width),
        Math.clamp(box.yMin(), 0, height),
        Math.clamp(box.xMax(), 0, width),
        Math.clamp(box.yMax(), 0, height));
  }

  /**
   * What is wrong with sides that were written beside boxes: those would lie anywhere. Empty where
   * they are these, or none.
   */
  Optional<String> otherThan(double writtenWidth, double writtenHeight) {
    boolean right = writtenWidth == width && writtenHeight == height;
    if (right || !(writtenWidth > 0 && writtenHeight > 0)) {
      return Optional.empty();
    }
    boolean swapped = writtenWidth == height && writtenHeight == width;
    return Optional.of(
        "the picture is %s, not %.0fx%.0f%s"
            .formatted(
                this,
                writtenWidth,
                writtenHeight,
                swapped ? ": turned by its EXIF, or sides written the wrong way round" : ""));
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
