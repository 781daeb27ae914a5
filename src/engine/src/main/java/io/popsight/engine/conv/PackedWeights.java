package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;

/**
 * Weights in as few bits as they need, and as bytes for the layer at work. From one photo to the
 * next a layer's weights leave the processor's caches; a quarter of them comes back sooner, and
 * making bytes of that takes a fraction of what it saves.
 */
final class PackedWeights {

  /** Of a weight: 2, 4, or 8, which are bytes already. */
  private final int bits;

  /** What is added to a weight so that none is negative. */
  private final int offset;

  /** Field f of each byte of a vector are the weights of vector f of those it holds. */
  private final byte[] packed;

  /**
   * Packs them.
   *
   * @param weights whole vectors
   * @param bits that hold them, as {@link io.popsight.model.Weights#bits} says, zeros besides
   */
  PackedWeights(byte[] weights, int bits) {
    this.bits = Math.max(bits, 2);
    this.offset = this.bits == 2 ? 1 : 8;
    if (this.bits == Byte.SIZE) {
      this.packed = weights;
      return;
    }
    int lanes = BYTES.length();
    int group = Byte.SIZE / this.bits * lanes;
    this.packed = new byte[(weights.length + group - 1) / group * lanes];
    for (int at = 0; at < weights.length; at++) {
      int field = at % group / lanes * this.bits;
      packed[at / group * lanes + at % lanes] |= (byte) ((weights[at] + offset) << field);
    }
  }

  /** Whether a byte each is what they need. */
  boolean areBytes() {
    return bits == Byte.SIZE;
  }

  /** As they are kept. */
  byte[] packed() {
    return packed;
  }

  /** Bytes that {@link #unpack} writes. */
  int room() {
    return areBytes() ? 0 : Math.multiplyExact(packed.length, Byte.SIZE / bits);
  }

  /** Makes bytes of them, in the order in which they were given. */
  void unpack(byte[] to) {
    IntVector field = ByteVector.broadcast(BYTES, (1 << bits) - 1).reinterpretAsInts();
    ByteVector less = ByteVector.broadcast(BYTES, offset);
    int at = 0;
    for (int from = 0; from < packed.length; from += BYTES.length()) {
      IntVector fields = ByteVector.fromArray(BYTES, packed, from).reinterpretAsInts();
      for (int shift = 0; shift < Byte.SIZE; shift += bits) {
        fields.lanewise(LSHR, shift).and(field).reinterpretAsBytes().sub(less).intoArray(to, at);
        at += BYTES.length();
      }
    }
  }
}
