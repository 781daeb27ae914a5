package io.popsight.imaging;

/**
 * The outer structure of an encoded photo: as much of the file as is needed to bound the decoder.
 * Both methods may throw {@link IndexOutOfBoundsException} where the file ends too early.
 */
interface PhotoStructure {

  /** The size that the header declares. */
  PixelSize size();

  /** Whether the file reaches its own end; bytes behind that do not matter. */
  boolean complete();
}
