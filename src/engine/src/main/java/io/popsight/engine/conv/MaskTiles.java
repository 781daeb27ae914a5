package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

/**
 * Masks in the order in which tiles of vectors read them: one load brings the same word of as many
 * masks as there are lanes.
 *
 * @param masks layout [tile][row][column][word][mask of the tile]
 * @param vectors how many vectors of masks there are, all planes together
 * @param widest vectors of a full tile, a power of two; behind the full ones come narrower tiles
 */
record MaskTiles(int[] masks, int vectors, int widest) {

  private static final int LANES = INTS.length();

  static MaskTiles of(ConvolutionShape shape, WeightPlanes weights, int widest) {
    int vectorsPerPlane = shape.sumsPerPixel() / LANES;
    int vectors = weights.planes().size() * vectorsPerPlane;
    int channels = shape.output().channels();
    int window = weights.planes().getFirst().bits().length / channels;
    int[] masks = new int[Math.multiplyExact(vectors * LANES, window)];
    MaskTiles tiles = new MaskTiles(masks, vectors, widest);
    for (int plane = 0; plane < weights.planes().size(); plane++) {
      int[] bits = weights.planes().get(plane).bits();
      for (int out = 0; out < channels; out++) {
        int vector = plane * vectorsPerPlane + out / LANES;
        int first = tiles.firstOfTile(vector);
        int width = tiles.width(first);
        for (int i = 0; i < window; i++) {
          int at = (first * window + i * width + vector - first) * LANES + out % LANES;
          masks[at] = bits[out * window + i];
        }
      }
    }
    return tiles;
  }

  /** Vectors of the tile that begins with a vector. */
  int width(int first) {
    int left = vectors - first;
    return left >= widest ? widest : Integer.highestOneBit(left);
  }

  private int firstOfTile(int vector) {
    int first = 0;
    while (first + width(first) <= vector) {
      first += width(first);
    }
    return first;
  }
}
