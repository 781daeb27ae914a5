package io.popsight.backend;

import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The backends on the class path, by name. */
public final class Backends {

  private final SortedMap<String, BackendProvider> providers = new TreeMap<>();

  private Backends() {}

  /** Finds them. */
  public static Backends installed() {
    Backends backends = new Backends();
    for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
      BackendProvider twin = backends.providers.put(provider.name(), provider);
      if (twin != null) {
        throw new IllegalStateException(
            "two backends are called '%s': %s and %s"
                .formatted(
                    provider.name(), twin.getClass().getName(), provider.getClass().getName()));
      }
    }
    return backends;
  }

  /** Names in alphabetical order. */
  public List<String> names() {
    return List.copyOf(providers.keySet());
  }

  /**
   * Opens one.
   *
   * @throws UnknownBackendException if there is none of that name
   * @throws IllegalArgumentException if it cannot use the settings
   */
  public InferenceBackend open(String name, BackendSettings settings) {
    return provider(name).open(settings);
  }

  /**
   * Checks a name before anything is opened.
   *
   * @throws UnknownBackendException if there is none of that name
   */
  public void require(String name) {
    BackendProvider _ = provider(name);
  }

  private BackendProvider provider(String name) {
    BackendProvider provider = providers.get(name);
    if (provider == null) {
      throw new UnknownBackendException(name, names());
    }
    return provider;
  }
}
