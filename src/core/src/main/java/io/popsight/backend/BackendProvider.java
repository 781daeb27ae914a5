package io.popsight.backend;

/**
 * The {@link java.util.ServiceLoader} entry of a backend: cheap to make, loads nothing until
 * opened.
 */
public interface BackendProvider {

  /** The name the backend is chosen by: lower case, unique. */
  String name();

  /**
   * Opens the backend.
   *
   * @throws IllegalArgumentException naming the setting that cannot be met
   */
  InferenceBackend open(BackendSettings settings);
}
