package io.popsight.engine.bits;

import io.popsight.model.Shape;
import java.util.Arrays;

/**
 * A map of spikes. The channels of a pixel are packed into words of 64, channel c being bit c % 64
 * of word c / 64; pixels follow each other along rows. Around the map lies a border of zero pixels,
 * so that padding costs no branches; bits beyond the last channel are zero, always.
 */
public final class BitMap {

  private final Shape shape;
  private final int border;
  private final int words;
  private final int rowWords;
  private final long[] data;

  /** An empty map with a border of so many pixels on each side. */
  public BitMap(Shape shape, int border) {
    this.shape = shape;
    this.border = border;
    this.words = wordsFor(shape.channels());
    this.rowWords = (shape.columns() + 2 * border) * words;
    this.data = new long[Math.multiplyExact(rowWords, shape.rows() + 2 * border)];
  }

  /** Words that hold so many channels. */
  public static int wordsFor(int channels) {
    return (channels + Long.SIZE - 1) / Long.SIZE;
  }

  /** Channels, rows, columns without the border. */
  public Shape shape() {
    return shape;
  }

  /** Words a pixel. */
  public int words() {
    return words;
  }

  /** Words from a pixel to the one below. */
  public int rowWords() {
    return rowWords;
  }

  /** The words themselves. */
  public long[] data() {
    return data;
  }

  /** Index of a pixel's first word; rows and columns may reach into the border. */
  public int index(int row, int column) {
    return (row + border) * rowWords + (column + border) * words;
  }

  /** Ones of the whole map. */
  public long count() {
    long count = 0;
    for (long word : data) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** Ones of each pixel, row by row, without the border. */
  public int[] counts() {
    int[] counts = new int[shape.rows() * shape.columns()];
    for (int pixel = 0; pixel < counts.length; pixel++) {
      int at = index(pixel / shape.columns(), pixel % shape.columns());
      for (int word = 0; word < words; word++) {
        counts[pixel] += Long.bitCount(data[at + word]);
      }
    }
    return counts;
  }

  /** All zeros. */
  public void clear() {
    Arrays.fill(data, 0);
  }
}
