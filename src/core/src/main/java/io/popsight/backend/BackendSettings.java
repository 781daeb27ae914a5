package io.popsight.backend;

import java.util.Map;

/**
 * How a backend shall run.
 *
 * @param threads threads that one run may use, at least 1
 * @param options further options by name, each backend's own; popcount reads {@code kernels}
 *     ({@code auto}, {@code scalar}, {@code vector})
 */
public record BackendSettings(int threads, Map<String, String> options) {

  /** One thread a run, everything else chosen by the backend. */
  public static final BackendSettings DEFAULT = new BackendSettings(1, Map.of());

  /** Copies the options. */
  public BackendSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + threads);
    }
    options = Map.copyOf(options);
  }
}
