package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import java.nio.file.Path;

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

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
