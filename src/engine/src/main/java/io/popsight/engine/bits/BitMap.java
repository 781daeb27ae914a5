package io.popsight.engine.bits;

import io.popsight.model.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A map of spikes. The channels of a pixel are packed into words of 32, channel c being bit c % 32
 * of word c / 32: words of 64 would leave a quarter of a pixel of 96 channels empty, and the time
 * of a convolution goes with the words. Pixels follow each other along rows. Around the map lies a
 * border of zero pixels, so that padding costs no branches; bits beyond the last channel are zero,
 * always. Beside the bits stands the number of ones of each pixel, which whoever writes a row keeps
 * true.
 */
public final class BitMap {

  /** Channels a word. */
  public static final int WORD = Integer.SIZE;

  private final Shape shape;
  private final int border;
  private final int words;
  private final int rowWords;
  private final int[] data;
  private final int[] ones;

  /** An empty map with a border of so many pixels on each side. */
  public BitMap(Shape shape, int border) {
    this.shape = shape;
    this.border = border;
    this.words = wordsFor(shape.channels());
    this.rowWords = (shape.columns() + 2 * border) * words;
    this.data = new int[Math.multiplyExact(rowWords, shape.rows() + 2 * border)];
    this.ones = new int[(shape.rows() + 2 * border) * (shape.columns() + 2 * border)];
  }

  /** Spikes at random, at a rate: to measure with. */
  public static BitMap random(Shape shape, int border, double rate, RandomGenerator random) {
    BitMap map = new BitMap(shape, border);
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        int at = map.index(row, column);
        for (int c = 0; c < shape.channels(); c++) {
          if (random.nextDouble() < rate) {
            map.data[at + c / WORD] |= 1 << c;
          }
        }
      }
      map.countRow(row);
    }
    return map;
  }

  /** Words that hold so many channels. */
  public static int wordsFor(int channels) {
    return (channels + WORD - 1) / WORD;
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
  public int[] data() {
    return data;
  }

  /** Index of a pixel's first word; rows and columns may reach into the border. */
  public int index(int row, int column) {
    return (row + border) * rowWords + (column + border) * words;
  }

  /** Ones of each pixel, border included, as long as every writer keeps it so. */
  public int[] ones() {
    return ones;
  }

  /** Pixels from one to the one below. */
  public int rowPixels() {
    return shape.columns() + 2 * border;
  }

  /** Index of a pixel in {@link #ones}; rows and columns may reach into the border. */
  public int pixel(int row, int column) {
    return (row + border) * rowPixels() + column + border;
  }

  /** Makes {@link #ones} true again after the words of a row were written. */
  public void countRow(int row) {
    int at = index(row, 0);
    int pixel = pixel(row, 0);
    for (int column = 0; column < shape.columns(); column++) {
      int count = 0;
      for (int word = 0; word < words; word++) {
        count += Integer.bitCount(data[at++]);
      }
      ones[pixel + column] = count;
    }
  }

  /** Ones of the whole map; the border has none. */
  public long count() {
    int count = 0;
    for (int one : ones) {
      count += one;
    }
    return count;
  }

  /** Ones of each pixel, row by row, without the border. */
  public int[] counts() {
    int[] counts = new int[shape.rows() * shape.columns()];
    for (int row = 0; row < shape.rows(); row++) {
      System.arraycopy(ones, pixel(row, 0), counts, row * shape.columns(), shape.columns());
    }
    return counts;
  }

  /** Takes over a pixel of a map with as many channels. */
  public void copyPixel(BitMap from, int fromRow, int fromColumn, int row, int column) {
    int at = from.index(fromRow, fromColumn);
    int to = index(row, column);
    for (int word = 0; word < words; word++) {
      data[to + word] = from.data[at + word];
    }
    ones[pixel(row, column)] = from.ones[from.pixel(fromRow, fromColumn)];
  }

  /** Makes a row zeros. */
  public void clearRow(int row) {
    int at = index(row, 0);
    Arrays.fill(data, at, at + shape.columns() * words, 0);
    int pixel = pixel(row, 0);
    Arrays.fill(ones, pixel, pixel + shape.columns(), 0);
  }

  /**
   * Puts a map's bits into channels of a row that are zero so far.
   *
   * @param factor how often a pixel of that map is repeated along a side
   * @param first channel of this map that its first channel becomes
   */
  public void appendRow(BitMap from, int factor, int row, int first) {
    int shift = first % WORD;
    for (int column = 0; column < shape.columns(); column++) {
      int at = from.index(row / factor, column / factor);
      int to = index(row, column) + first / WORD;
      // Bits beyond the last channel are zero, so words may simply be shifted into their place.
      for (int word = 0; word < from.words; word++) {
        int bits = from.data[at + word];
        data[to + word] |= bits << shift;
        int carried = shift == 0 ? 0 : bits >>> (WORD - shift);
        if (carried != 0) {
          data[to + word + 1] |= carried;
        }
      }
      ones[pixel(row, column)] += from.ones[from.pixel(row / factor, column / factor)];
    }
  }
}
