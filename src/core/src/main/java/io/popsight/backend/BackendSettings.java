package io.popsight.backend;

import java.util.Map;

/**
 * How a backend shall run.
 *
 * @param threads threads that one run may use, the caller's among them; popcount uses 16 at most,
 *     and one where there are no helpers. 0 is the backend's choice: popcount takes as many as the
 *     process has cores, onnx one
 * @param helpers where popcount finds threads besides the caller's; onnx has its own
 * @param options further options by name, each backend's own; popcount reads {@code kernels}
 *     ({@code auto}, {@code scalar}, {@code vector}, {@code events}) and {@code races}, a folder
 */
public record BackendSettings(int threads, Helpers helpers, Map<String, String> options) {

  /** One thread a run, everything else chosen by the backend. */
  public static final BackendSettings DEFAULT = new BackendSettings(1, Map.of());

  /** Copies the options. */
  public BackendSettings {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be at least 0, got " + threads);
    }
    options = Map.copyOf(options);
  }

  /** Without helpers. */
  public BackendSettings(int threads, Map<String, String> options) {
    this(threads, Helpers.NONE, options);
  }
}
