package io.popsight.trainer.network;

import java.util.Collection;

/**
 * Names of layers, as a configuration gives them.
 *
 * @param text a name; {@code *} stands for any characters
 */
public record LayerPattern(String text) {

  /** Whether a layer is meant. */
  public boolean fits(String layer) {
    return layer.matches("\\Q" + text.replace("*", "\\E.*\\Q") + "\\E");
  }

  /**
   * Refuses a pattern that names nothing.
   *
   * @param key where the pattern stands in the configuration
   * @param layers names of all
   * @throws IllegalArgumentException with the names that there are
   */
  public void requireAny(String key, Collection<String> layers) {
    if (layers.stream().noneMatch(this::fits)) {
      throw new IllegalArgumentException(
          "%s: no layer is called '%s'; there are %s"
              .formatted(key, text, String.join(", ", layers)));
    }
  }
}
