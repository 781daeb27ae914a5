package io.popsight.engine.conv;

/** The reference. */
record ScalarPhotoRows(int offset) implements PhotoRows {

  @Override
  public void row(byte[] pixels, int from, PixelMap photo, int row) {
    values(pixels, from, photo.data(), photo.index(row, 0), photo.columns() * PixelMap.CHANNELS);
  }

  void values(byte[] pixels, int from, float[] into, int at, int count) {
    for (int i = 0; i < count; i++) {
      into[at + i] = (pixels[from + i] & 255) - offset;
    }
  }
}
