package io.popsight.geometry;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Overlapping parts of a photo that are looked at besides the whole of it, so that small things
 * have more of a network's pixels (slicing aided hyper inference: Akyon, Altinuc and Temizel, ICIP
 * 2022).
 *
 * @param perSide tiles along either side, 1 to 4; 1 is the whole photo alone
 */
public record Tiling(int perSide) {

  /** The whole photo alone. */
  public static final Tiling NONE = new Tiling(1);

  private static final int MOST_PER_SIDE = 4;

  /** What neighbours have in common: a third of a tile. */
  private static final double OVERLAP = 1.0 / 3;

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

  /** How often a network runs for a photo. */
  public int looks() {
    return perSide == 1 ? 1 : 1 + perSide * perSide;
  }

  /** How many pixels a photo needs that fills the tiles' inputs, of one that fills a side's. */
  public int pixels(int inputSide) {
    return (int) Math.ceil(inputSide * tilesASide());
  }

  /** The tiles of a photo, row by row; none where it is looked at whole. */
  public List<Tile> tiles(int photoWidth, int photoHeight) {
    if (perSide == 1) {
      return List.of();
    }
    int width = (int) Math.ceil(photoWidth / tilesASide());
    int height = (int) Math.ceil(photoHeight / tilesASide());
    return IntStream.range(0, perSide * perSide)
        .mapToObj(
            i ->
                new Tile(
                    start(i % perSide, photoWidth - width),
                    start(i / perSide, photoHeight - height),
                    width,
                    height,
                    photoWidth,
                    photoHeight))
        .toList();
  }

  private int start(int place, int last) {
    return (int) Math.round((double) place * last / (perSide - 1));
  }

  private double tilesASide() {
    return perSide - OVERLAP * (perSide - 1);
  }
}
