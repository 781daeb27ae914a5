package io.popsight.engine.conv;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector species in use, apart from everything else so that they are static constants to the
 * compiler. The width is the machine's unless the property {@code popsight.vectorBits} (128, 256,
 * 512) forces another, as the tests do; a width that the machine lacks is right but very slow.
 */
final class Lanes {

  static final String WIDTH_PROPERTY = "popsight.vectorBits";

  static final VectorSpecies<Long> LONGS =
      LongVector.SPECIES_PREFERRED.withShape(
          VectorShape.forBitSize(
              Integer.getInteger(WIDTH_PROPERTY, LongVector.SPECIES_PREFERRED.vectorBitSize())));

  /** As many ints as there are longs: half the width. */
  static final VectorSpecies<Integer> INTS_OF_LONGS =
      IntVector.SPECIES_PREFERRED.withShape(VectorShape.forBitSize(LONGS.vectorBitSize() / 2));

  static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.withShape(VectorShape.forBitSize(LONGS.vectorBitSize()));

  private Lanes() {}
}
