package io.popsight.geometry;

import java.util.Optional;

/**
 * A part of a photo that is looked at for itself.
 *
 * @param left first column
 * @param top first row
 * @param width columns, of the photo's own pixels
 * @param height rows
 * @param photoWidth columns of the photo
 * @param photoHeight rows of the photo
 */
public record Tile(int left, int top, int width, int height, int photoWidth, int photoHeight) {

  /** Share of a tile's side from which on the whole photo shows an object better. */
  private static final double LARGE = 0.625;

  /** Share of a tile's side; a box that ends nearer to a cut goes on behind it. */
  private static final double AT_THE_CUT = 0.02;

  /**
   * Where a box lies on the photo, if its object is one for this tile: small, and not cut off by
   * the tile's edge, behind which a neighbour shows it whole, or else the whole photo does.
   *
   * @param box in pixels of the tile
   */
  public Optional<BoundingBox> toPhoto(BoundingBox box) {
    boolean own =
        box.width() < LARGE * width
            && box.height() < LARGE * height
            && isWithin(box.xMin(), box.xMax(), left, width, photoWidth)
            && isWithin(box.yMin(), box.yMax(), top, height, photoHeight);
    return own
        ? Optional.of(
            new BoundingBox(
                box.xMin() + left, box.yMin() + top, box.xMax() + left, box.yMax() + top))
        : Optional.empty();
  }

  private static boolean isWithin(float min, float max, int start, int side, int photoSide) {
    double margin = AT_THE_CUT * side;
    return (start == 0 || min >= margin) && (start + side == photoSide || max <= side - margin);
  }
}
