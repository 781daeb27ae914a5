package io.popsight.geometry;

/**
 * A photo placed in a network's input: scaled by one factor to fit, centred, the rest grey.
 *
 * @param photoWidth width of the photo in pixels
 * @param photoHeight height of the photo in pixels
 * @param inputWidth width of the network's input in pixels
 * @param inputHeight height of the network's input in pixels
 * @param width width of the scaled photo inside the input
 * @param height height of the scaled photo inside the input
 * @param left input column of the scaled photo's first column
 * @param top input row of the scaled photo's first row
 */
public record Letterbox(
    int photoWidth,
    int photoHeight,
    int inputWidth,
    int inputHeight,
    int width,
    int height,
    int left,
    int top) {

  /** The grey of the bars, as in training: 114 of 255 in every channel. */
  public static final int BAR = 114;

  /**
   * Fits a photo into an input.
   *
   * @throws IllegalArgumentException if a side is not positive
   */
  public static Letterbox fit(int photoWidth, int photoHeight, int inputWidth, int inputHeight) {
    if (photoWidth < 1 || photoHeight < 1 || inputWidth < 1 || inputHeight < 1) {
      throw new IllegalArgumentException(
          "sides must be positive: photo %dx%d, input %dx%d"
              .formatted(photoWidth, photoHeight, inputWidth, inputHeight));
    }
    double scale = Math.min((double) inputWidth / photoWidth, (double) inputHeight / photoHeight);
    int width = Math.clamp(Math.round(photoWidth * scale), 1, inputWidth);
    int height = Math.clamp(Math.round(photoHeight * scale), 1, inputHeight);
    int left = (inputWidth - width) / 2;
    int top = (inputHeight - height) / 2;
    return new Letterbox(
        photoWidth, photoHeight, inputWidth, inputHeight, width, height, left, top);
  }

  /** A box in input pixels as a box in photo pixels, clipped to the photo. */
  public BoundingBox toPhoto(double xMin, double yMin, double xMax, double yMax) {
    double byX = (double) photoWidth / width;
    double byY = (double) photoHeight / height;
    return new BoundingBox(
        (float) Math.clamp((xMin - left) * byX, 0, photoWidth),
        (float) Math.clamp((yMin - top) * byY, 0, photoHeight),
        (float) Math.clamp((xMax - left) * byX, 0, photoWidth),
        (float) Math.clamp((yMax - top) * byY, 0, photoHeight));
  }
}
