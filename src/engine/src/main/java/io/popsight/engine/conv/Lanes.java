package io.popsight.engine.conv;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector species in use, apart from everything else so that they are static constants to the
 * compiler. The width is the machine's unless the property {@code popsight.vectorBits} (128, 256,
 * 512) forces another, as the tests do; a width that the machine lacks is right but very slow.
 */
final class Lanes {

  static final String WIDTH_PROPERTY = "popsight.vectorBits";

  static final VectorShape SHAPE =
      VectorShape.forBitSize(
          Integer.getInteger(WIDTH_PROPERTY, IntVector.SPECIES_PREFERRED.vectorBitSize()));

  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED.withShape(SHAPE);

  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.withShape(SHAPE);

  static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED.withShape(SHAPE);

  static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED.withShape(SHAPE);

  /** As many lanes as {@link #SHORTS}. */
  static final VectorSpecies<Byte> HALF_BYTES =
      ByteVector.SPECIES_PREFERRED.withShape(VectorShape.forBitSize(SHAPE.vectorBitSize() / 2));

  /**
   * Whether one instruction counts the bits of each lane: VPOPCNTDQ, which some processors with
   * AVX-512 lack and which forced narrower vectors have, too.
   */
  static final boolean COUNTS_BITS =
      IntVector.SPECIES_PREFERRED.vectorBitSize() == 512
          && Processor.has("avx512_vpopcntdq").orElse(true);

  private Lanes() {}
}
