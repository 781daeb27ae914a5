package io.popsight.geometry;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Overlapping parts of a photo that are looked at besides the whole of it, so that small things
 * have more of a network's pixels (slicing aided hyper inference: Akyon, Altinuc and Temizel, ICIP
 * 2022). A part has the shape of the network's input, which it fills; a side of the photo that is
 * no longer than that is not cut.
 *
 * @param perSide tiles along the side that is longest for the input, 1 to 4; 1 is the whole photo
 *     alone
 */
public record Tiling(int perSide) {

  /** The whole photo alone. */
  public static final Tiling NONE = new Tiling(1);

  private static final int MOST_PER_SIDE = 4;

  /** What neighbours have in common at least: a third of a tile. */
  private static final double OVERLAP = 1.0 / 3;

  /** Above a whole number of tiles by arithmetic. */
  private static final double ROUNDING = 0.01;

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Tiling {
    if (!allows(perSide)) {
      throw new IllegalArgumentException("tiles must be in 1..4, got " + perSide);
    }
  }

  /** Whether a photo may be divided so. */
  public static boolean allows(int perSide) {
    return perSide >= 1 && perSide <= MOST_PER_SIDE;
  }

  /** How often a network runs for a photo of its input's shape; for others at most so often. */
  public int mostLooks() {
    return perSide == 1 ? 1 : 1 + perSide * perSide;
  }

  /**
   * Pixels along a side that a photo must be decoded to so that each tile still fills the network's
   * input.
   *
   * @param inputSide pixels of the input along that side
   */
  public int pixels(int inputSide) {
    return (int) Math.ceil(inputSide * tilesASide());
  }

  /**
   * The tiles of a photo, row by row; none where it is looked at whole.
   *
   * @param inputWidth columns of the network's input
   * @param inputHeight rows of the network's input
   */
  public List<Tile> tiles(int photoWidth, int photoHeight, int inputWidth, int inputHeight) {
    if (perSide == 1) {
      return List.of();
    }
    double scale =
        Math.max((double) photoWidth / inputWidth, (double) photoHeight / inputHeight)
            / tilesASide();
    int columns = tilesAlong(photoWidth, inputWidth * scale);
    int rows = tilesAlong(photoHeight, inputHeight * scale);
    int width = tileSide(photoWidth, columns, inputWidth * scale);
    int height = tileSide(photoHeight, rows, inputHeight * scale);
    return IntStream.range(0, columns * rows)
        .mapToObj(
            i ->
                new Tile(
                    start(i % columns, columns, photoWidth - width),
                    start(i / columns, rows, photoHeight - height),
                    width,
                    height,
                    photoWidth,
                    photoHeight))
        .toList();
  }

  private static int tilesAlong(int photoSide, double tileSide) {
    double tiles = (photoSide / tileSide - OVERLAP) / (1 - OVERLAP);
    return Math.max(1, (int) Math.ceil(tiles - ROUNDING));
  }

  private static int tileSide(int photoSide, int tiles, double side) {
    return tiles == 1 ? photoSide : (int) Math.max(1, Math.round(side));
  }

  private static int start(int place, int places, int last) {
    return places == 1 ? 0 : (int) Math.round((double) place * last / (places - 1));
  }

  private double tilesASide() {
    return perSide - OVERLAP * (perSide - 1);
  }
}
