package io.popsight.imaging;

/** Sides that a header declares, before they are believed. */
record PixelSize(long width, long height) {

  boolean positive() {
    return width > 0 && height > 0;
  }

  /** Never overflows for sides below 2^32: more pixels than any limit are cut off. */
  boolean exceeds(long pixels) {
    return width > pixels / height;
  }
}
