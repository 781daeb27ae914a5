package io.popsight.engine.conv;

import org.jspecify.annotations.Nullable;

/** A thread's room for the bytes of one layer's packed weights: those that it used last. */
public final class WeightRoom {

  private static final byte[] NONE = new byte[0];

  private final int size;

  /** Made for who needs them first: a thread that never helps needs none. */
  private byte[] bytes = NONE;

  private @Nullable PackedWeights whose;

  WeightRoom(int size) {
    this.size = size;
  }

  /** To measure with: weights leave the room from one photo to the next. */
  public void forget() {
    whose = null;
  }

  /** The weights as bytes. */
  byte[] bytesOf(PackedWeights weights) {
    if (weights.areBytes()) {
      return weights.packed();
    }
    if (whose != weights) {
      // What fails half-way is nobody's.
      whose = null;
      if (bytes.length == 0) {
        bytes = new byte[size];
      }
      weights.unpack(bytes);
      whose = weights;
    }
    return bytes;
  }
}
