package io.popsight.service.model;

import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/** One version of a model: its file, and what backends have made of it so far. */
final class LoadedModel {

  private final Path path;
  private final ModelFile file;
  private final ModelSettings settings;
  private final Backends backends;
  private final Helpers helpers;
  private final ConcurrentMap<String, ServedModel> compiled = new ConcurrentHashMap<>();
  private volatile boolean retired;

  LoadedModel(
      Path path, ModelFile file, ModelSettings settings, Backends backends, Helpers helpers) {
    this.path = path;
    this.file = file;
    this.settings = settings;
    this.backends = backends;
    this.helpers = helpers;
  }

  Path path() {
    return path;
  }

  ModelMetadata metadata() {
    return file.metadata();
  }

  ModelSettings settings() {
    return settings;
  }

  /**
   * What a backend makes of it; made now if nobody asked before.
   *
   * @throws IllegalArgumentException if there is no such backend
   * @throws io.popsight.model.ModelRefusedException if the backend cannot run it
   */
  ServedModel served(String backend) {
    ServedModel served = compiled.computeIfAbsent(backend, this::compile);
    if (retired) {
      served.close();
    }
    return served;
  }

  /** A compiled model that is nobody's but the caller's. */
  ServedModel compile(String backend) {
    long start = System.nanoTime();
    CompiledModel made = backends.open(backend, settings.forBackend(helpers)).compile(file);
    ModelFacts facts = ModelFacts.of(file, (System.nanoTime() - start) / 1e9);
    return new ServedModel(backend, made, settings, facts);
  }

  /** Empty if the model was replaced meanwhile. */
  Optional<ModelLease> lease(String backend) {
    ServedModel served = served(backend);
    return served.hold() ? Optional.of(new ModelLease(served)) : Optional.empty();
  }

  Stream<ServedModel> compiled() {
    return compiled.values().stream();
  }

  /** The same version, not compiled yet. */
  LoadedModel fresh() {
    return new LoadedModel(path, file, settings, backends, helpers);
  }

  /** No lease follows; memory goes with the last one that there is. */
  void retire() {
    retired = true;
    compiled.values().forEach(ServedModel::close);
  }
}
