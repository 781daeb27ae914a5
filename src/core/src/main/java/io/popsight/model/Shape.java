package io.popsight.model;

/**
 * Shape of a map for one photo.
 *
 * @param channels feature channels
 * @param rows height
 * @param columns width
 */
public record Shape(int channels, int rows, int columns) {

  /** Most values a map may have: bounds what a file can make a backend allocate. */
  private static final long MAX_VALUES = 1L << 24;

  /** Checks the sides and their product. */
  public Shape {
    if (channels < 1
        || rows < 1
        || columns < 1
        || channels > ModelMetadata.MAX_SIDE
        || (long) rows * columns > MAX_VALUES
        || (long) channels * rows * columns > MAX_VALUES) {
      throw new ModelRefusedException(
          "a map of %dx%dx%d (channels, rows, columns); sides must be positive and hold at most %d values"
              .formatted(channels, rows, columns, MAX_VALUES));
    }
  }

  /** Values a photo. */
  public int values() {
    return channels * rows * columns;
  }
}
