package io.popsight.engine.conv;

/** Brings a photo's unsigned bytes into a {@link PixelMap}. Thread-safe. */
public interface PhotoRows {

  /**
   * Reads one row.
   *
   * @param pixels RGB, unsigned bytes
   * @param from index of the row's first byte
   * @param row of the map
   */
  void row(byte[] pixels, int from, PixelMap photo, int row);
}
