package io.popsight.engine.conv;

/**
 * A photo as floats, {@code pixel - offset}, with a border of zeros: layout [rows][columns][3].
 * Floats because a fused multiply-add is one instruction where an integer one is two or three, and
 * every sum of the stem is an integer below 2^24, so nothing is ever rounded. The offset comes
 * before the border, as in the graph.
 */
public final class PixelMap {

  static final int CHANNELS = 3;

  private final int rows;
  private final int columns;
  private final int border;
  private final float[] data;

  /** An empty photo. */
  public PixelMap(int rows, int columns, int border) {
    this.rows = rows;
    this.columns = columns;
    this.border = border;
    this.data = new float[(rows + 2 * border) * (columns + 2 * border) * CHANNELS];
  }

  /** Rows without the border. */
  public int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  int index(int row, int column) {
    return (row + border) * rowValues() + (column + border) * CHANNELS;
  }

  int rowValues() {
    return (columns + 2 * border) * CHANNELS;
  }

  float[] data() {
    return data;
  }
}
