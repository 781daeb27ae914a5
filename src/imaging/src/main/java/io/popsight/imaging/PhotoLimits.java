package io.popsight.imaging;

/**
 * What a photo may cost before anything is allocated for it.
 *
 * @param maxBytes largest encoded photo
 * @param maxPixels largest decoded photo, width times height; what a decoder holds beside the
 *     picture, such as an animation's canvas, counts as pixels of three bytes
 */
public record PhotoLimits(long maxBytes, long maxPixels) {

  /**
   * 32 MiB encoded, 50 million pixels decoded (150 MB of memory, twice that while EXIF turns a
   * photo).
   */
  public static final PhotoLimits DEFAULT = new PhotoLimits(32L << 20, 50_000_000);

  /** Checks that both are positive. */
  public PhotoLimits {
    if (maxBytes < 1 || maxPixels < 1) {
      throw new IllegalArgumentException(
          "photo limits must be positive, got %d bytes and %d pixels"
              .formatted(maxBytes, maxPixels));
    }
  }
}
