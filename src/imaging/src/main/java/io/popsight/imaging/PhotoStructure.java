package io.popsight.imaging;

import java.util.Optional;

/**
 * The outer structure of an encoded photo: as much of the file as is needed to bound the decoder.
 * Its methods may throw {@link IndexOutOfBoundsException} where the file ends too early.
 */
interface PhotoStructure {

  /** The size that the header declares. */
  PixelSize size();

  /** What follows; read once. */
  Contents contents();

  /** Whether a decoder can make less than the whole of it: a half, a quarter or an eighth. */
  default boolean shrinks() {
    return false;
  }

  /** Whether the file says that something behind the picture shines through. */
  default boolean transparent() {
    return false;
  }

  /** How to turn what the decoder makes; of a complete file only. */
  default Orientation orientation() {
    return Orientation.UPRIGHT;
  }

  /** The file for a decoder; what no pixel needs may be left out. Of a complete file only. */
  default byte[] essence(byte[] photo) {
    return photo;
  }

  /**
   * What a decoder will meet.
   *
   * @param complete whether the file reaches its own end; bytes behind that do not matter
   * @param bytesBeside what a decoder holds a pixel, beside the picture that it makes
   * @param excess what would take time that no limit on bytes and pixels bounds; empty for what
   *     people send
   */
  record Contents(boolean complete, double bytesBeside, Optional<String> excess) {

    Contents(boolean complete, double bytesBeside) {
      this(complete, bytesBeside, Optional.empty());
    }
  }
}
