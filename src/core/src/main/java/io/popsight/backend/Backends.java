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
   * @throws IllegalArgumentException if there is none of that name
   */
  public InferenceBackend open(String name, BackendSettings settings) {
    BackendProvider provider = providers.get(name);
    if (provider == null) {
      throw new IllegalArgumentException(
          "unknown backend '%s'; there are %s".formatted(name, String.join(", ", names())));
    }
    return provider.open(settings);
  }
}
