package io.popsight.engine.conv;

import org.jspecify.annotations.Nullable;

/** A thread's room for the bytes of one layer's packed weights: those that it used last. */
public final class WeightRoom {

  private final byte[] bytes;
  private @Nullable PackedWeights whose;

  WeightRoom(int size) {
    this.bytes = new byte[size];
  }

  /** The weights as bytes. */
  byte[] bytesOf(PackedWeights weights) {
    if (weights.areBytes()) {
      return weights.packed();
    }
    if (whose != weights) {
      weights.unpack(bytes);
      whose = weights;
    }
    return bytes;
  }
}
