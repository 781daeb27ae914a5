package io.popsight.backend;

import java.util.List;

/**
 * A step of a compiled network: what is done to a photo in one go.
 *
 * @param name of the node whose values it makes
 * @param work what it does, such as {@code 1-bit 3x3 of 64 to 64 channels, fire}
 * @param bytes of weights, maps and streams that it reads and writes, a photo
 * @param layers names of the spike layers that it fires
 */
public record PlanStep(String name, String work, long bytes, List<String> layers) {

  /**
   * What the work of a step says that goes from one to the next, and takes as long as there are
   * ones.
   */
  public static final String BY_EVENT = "event by event";

  /** Whether it does. */
  public boolean byEvent() {
    return work.contains(BY_EVENT);
  }
}
