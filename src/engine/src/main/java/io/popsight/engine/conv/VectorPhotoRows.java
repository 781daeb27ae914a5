package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.FLOATS;
import static io.popsight.engine.conv.Lanes.INTS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** As many bytes at once as there are lanes. */
final class VectorPhotoRows implements PhotoRows {

  private static final int LANES = INTS.length();

  /** The narrowest vector has more bytes than four lanes: those are left to the reference. */
  private static final boolean WIDE = LANES >= 8;

  private static final VectorSpecies<Byte> BYTES =
      ByteVector.SPECIES_64.withShape(VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));

  private final int offset;
  private final ScalarPhotoRows tail;

  VectorPhotoRows(int offset) {
    this.offset = offset;
    this.tail = new ScalarPhotoRows(offset);
  }

  @Override
  public void row(byte[] pixels, int from, PixelMap photo, int row) {
    float[] into = photo.data();
    int at = photo.index(row, 0);
    int values = photo.columns() * PixelMap.CHANNELS;
    int whole = WIDE ? values - values % LANES : 0;
    for (int i = 0; i < whole; i += LANES) {
      IntVector bytes =
          (IntVector)
              ByteVector.fromArray(BYTES, pixels, from + i)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      ((FloatVector) bytes.sub(offset).convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoArray(into, at + i);
    }
    tail.values(pixels, from + whole, into, at + whole, values - whole);
  }
}
