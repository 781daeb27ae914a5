package io.popsight.trainer.network;

import java.util.Arrays;

/**
 * A part of a network that starts afresh, because the file that the others are taken over from has
 * nothing that fits it.
 *
 * @param name of a layer, where the file is a model's; of a trained tensor, where it is a
 *     checkpoint
 * @param state what it is in the file
 */
public record Fresh(String name, String state) {

  /** The file has nothing of that name. */
  public static Fresh missing(String name) {
    return new Fresh(name, "not there");
  }

  /** A head of other classes. */
  public static Fresh ofOtherClasses(String name) {
    return new Fresh(name, "of other classes there");
  }

  /** Integers and spikes there, floats or signs here. */
  static Fresh ofAnotherKind(String name) {
    return new Fresh(name, "of another kind there");
  }

  /** Spikes from a stream that starts afresh. */
  static Fresh behindAnother(String name) {
    return new Fresh(name, "behind a layer that is not taken over");
  }

  /**
   * What has other channels, or another kernel.
   *
   * @param there in the file; the first is its width
   * @param here in the network
   */
  public static Fresh ofAnotherShape(String name, long[] there, long[] here) {
    boolean width = there.length > 0 && here.length > 0 && there[0] != here[0];
    return new Fresh(
        name,
        width
            ? "%d wide there and %d in this run".formatted(there[0], here[0])
            : "%s there and %s in this run"
                .formatted(Arrays.toString(there), Arrays.toString(here)));
  }

  /** What a person is told. */
  public String text() {
    return "%s is %s".formatted(name, state);
  }
}
