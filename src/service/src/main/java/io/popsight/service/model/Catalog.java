package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What can be asked for at one moment. Immutable: a change is another catalog, put in the place of
 * this one at once.
 *
 * @param models by name, then by version, oldest first
 */
record Catalog(SortedMap<String, NavigableMap<String, LoadedModel>> models) {

  static final Catalog EMPTY = new Catalog(Collections.emptySortedMap());

  Optional<LoadedModel> newest(String name) {
    return Optional.ofNullable(models.get(name)).map(versions -> versions.lastEntry().getValue());
  }

  /**
   * The version asked for, or the newest.
   *
   * @throws UnknownModelException if there is none
   */
  LoadedModel find(String name, Optional<String> version) {
    NavigableMap<String, LoadedModel> versions = versions(name);
    if (version.isEmpty()) {
      return versions.lastEntry().getValue();
    }
    LoadedModel found = versions.get(version.get());
    if (found == null) {
      throw UnknownModelException.version(name, version.get(), versions.navigableKeySet());
    }
    return found;
  }

  /** What has the same name and version. */
  Optional<LoadedModel> find(ModelMetadata metadata) {
    return Optional.ofNullable(models.get(metadata.name()))
        .flatMap(versions -> Optional.ofNullable(versions.get(metadata.version())));
  }

  NavigableMap<String, LoadedModel> versions(String name) {
    NavigableMap<String, LoadedModel> versions = models.get(name);
    if (versions == null) {
      throw new UnknownModelException(name, models.keySet());
    }
    return versions;
  }

  Stream<LoadedModel> all() {
    return models.values().stream().flatMap(versions -> versions.values().stream());
  }

  /** With one more, in the place of another of the same name and version. */
  Catalog with(LoadedModel model) {
    SortedMap<String, NavigableMap<String, LoadedModel>> changed = new TreeMap<>(models);
    NavigableMap<String, LoadedModel> versions = new TreeMap<>(VersionOrder.OLDEST_FIRST);
    versions.putAll(models.getOrDefault(model.metadata().name(), Collections.emptyNavigableMap()));
    versions.put(model.metadata().version(), model);
    changed.put(model.metadata().name(), Collections.unmodifiableNavigableMap(versions));
    return new Catalog(Collections.unmodifiableSortedMap(changed));
  }

  Catalog without(LoadedModel model) {
    SortedMap<String, NavigableMap<String, LoadedModel>> changed = new TreeMap<>(models);
    NavigableMap<String, LoadedModel> versions = new TreeMap<>(VersionOrder.OLDEST_FIRST);
    versions.putAll(versions(model.metadata().name()));
    versions.remove(model.metadata().version());
    if (versions.isEmpty()) {
      changed.remove(model.metadata().name());
    } else {
      changed.put(model.metadata().name(), Collections.unmodifiableNavigableMap(versions));
    }
    return new Catalog(Collections.unmodifiableSortedMap(changed));
  }
}
