package io.popsight.service.model;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models that are served, by name; of several versions the last is the one that answers. */
public final class ModelRegistry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);

  private record Key(String model, String backend) {}

  private final Backends backends = Backends.installed();
  private final String defaultBackend;
  private final SortedMap<String, NavigableMap<String, ModelFile>> files = new TreeMap<>();
  private final ConcurrentMap<Key, ServedModel> compiled = new ConcurrentHashMap<>();
  private final String defaultModel;

  private ModelRegistry(String defaultBackend, String defaultModel, List<Path> paths) {
    this.defaultBackend = defaultBackend;
    for (Path path : paths) {
      try {
        ModelFile file = ModelFile.read(path);
        files
            .computeIfAbsent(
                file.metadata().name(), name -> new TreeMap<>(VersionOrder.OLDEST_FIRST))
            .put(file.metadata().version(), file);
      } catch (ModelRefusedException e) {
        LOG.error("A model is left out: {}", e.getMessage());
      }
    }
    if (files.isEmpty()) {
      throw new ModelRefusedException("there is no model to serve");
    }
    this.defaultModel = files.containsKey(defaultModel) ? defaultModel : files.firstKey();
    if (!this.defaultModel.equals(defaultModel)) {
      LOG.warn("There is no model '{}'; {} answers by default", defaultModel, this.defaultModel);
    }
  }

  /**
   * Reads a folder, compiles every model for the default backend. One that this backend cannot run
   * stays there for the others.
   *
   * @throws ModelRefusedException if not one model is left
   */
  public static ModelRegistry load(Path folder, String backend, String defaultModel) {
    ModelRegistry registry =
        new ModelRegistry(backend, defaultModel, new ModelFolder(folder).files());
    for (String name : registry.files.keySet()) {
      registry.compile(name);
    }
    if (registry.compiled.isEmpty()) {
      throw new ModelRefusedException(
          "the backend '%s' can run no model of %s".formatted(backend, folder));
    }
    return registry;
  }

  private void compile(String name) {
    try {
      find(name, defaultBackend);
    } catch (ModelRefusedException e) {
      LOG.warn(
          "{} does not run on {}, other backends may: {}", name, defaultBackend, e.getMessage());
    }
  }

  /** What is compiled, sorted by name. */
  public List<ServedModel> ready() {
    return compiled.values().stream()
        .sorted(Comparator.comparing(model -> model.metadata().name()))
        .toList();
  }

  /** Name of the model that answers when none is asked for. */
  public String defaultModel() {
    return defaultModel;
  }

  /** Name of the backend that runs when none is asked for. */
  public String defaultBackend() {
    return defaultBackend;
  }

  /** Names in alphabetical order. */
  public List<String> names() {
    return List.copyOf(files.keySet());
  }

  /** Versions of a model, the one that answers last. */
  public List<ModelMetadata> versions(String name) {
    return versionsOf(name).values().stream().map(ModelFile::metadata).toList();
  }

  /** Names of the backends on the class path. */
  public Iterable<String> backendNames() {
    return backends.names();
  }

  /**
   * A model compiled by a backend; compiled now if nobody asked before.
   *
   * @throws UnknownModelException if there is no such model
   * @throws IllegalArgumentException if there is no such backend
   * @throws ModelRefusedException if the backend cannot run it
   */
  public ServedModel find(String name, String backend) {
    ModelFile file = versionsOf(name).lastEntry().getValue();
    return compiled.computeIfAbsent(
        new Key(name, backend),
        key -> {
          long start = System.nanoTime();
          CompiledModel made = backends.open(backend, BackendSettings.DEFAULT).compile(file);
          return new ServedModel(
              backend, made, ModelFacts.of(file, (System.nanoTime() - start) / 1e9));
        });
  }

  private NavigableMap<String, ModelFile> versionsOf(String name) {
    NavigableMap<String, ModelFile> versions = files.get(name);
    if (versions == null) {
      throw new UnknownModelException(name, files.keySet());
    }
    return versions;
  }

  @Override
  public void close() {
    compiled.values().forEach(ServedModel::close);
  }
}
