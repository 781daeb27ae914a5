package io.popsight.service.model;

import io.popsight.NativeLibraryException;
import io.popsight.backend.Backends;
import io.popsight.backend.Helpers;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.model.RefusedFile.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a file goes through before it answers: read, compiled, warmed, compared. */
public final class ModelLoader {

  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private final Backends backends = Backends.installed();
  private final String defaultBackend;
  private final List<ModelSettings> settings;
  private final Helpers helpers;
  private final Consumer<ServedModel> warmUp;
  private final Optional<BackendComparison> comparison;

  ModelLoader(
      String defaultBackend,
      List<ModelSettings> settings,
      Helpers helpers,
      Consumer<ServedModel> warmUp,
      Optional<BackendComparison> comparison) {
    this.defaultBackend = defaultBackend;
    this.settings = List.copyOf(settings);
    this.helpers = helpers;
    this.warmUp = warmUp;
    this.comparison = comparison;
  }

  /**
   * A loader.
   *
   * @param defaultBackend runs a model that has none of its own
   * @param settings by model
   * @param helpers threads that may take part in a run
   * @param warmUp runs a model until its code is compiled
   * @param comparing whether each model runs against another backend, on photos that the decoder
   *     reads
   */
  public static ModelLoader of(
      String defaultBackend,
      List<ModelSettings> settings,
      Helpers helpers,
      Consumer<ServedModel> warmUp,
      Optional<PhotoDecoder> comparing) {
    ModelLoader loader =
        new ModelLoader(
            defaultBackend, settings, helpers, warmUp, comparing.map(ProbeComparison::new));
    requireThat("popsight.backend", () -> loader.backends.require(defaultBackend));
    for (ModelSettings one : settings) {
      String key = "popsight.per-model (" + one.name() + ").";
      String backend = one.backend() == null ? defaultBackend : one.backend();
      requireThat(key + "backend", () -> loader.backends.require(backend));
      if (!one.kernels().equals(ModelSettings.AUTO)) {
        requireThat(key + "kernels", () -> loader.backends.open(backend, one.forBackend(helpers)));
      }
    }
    return loader;
  }

  private static void requireThat(String key, Runnable itCanBeUsed) {
    try {
      itCanBeUsed.run();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  String defaultBackend() {
    return defaultBackend;
  }

  List<String> backendNames() {
    return backends.names();
  }

  /**
   * Checks that there is a backend of that name.
   *
   * @throws io.popsight.backend.UnknownBackendException if there is none
   */
  void require(String backend) {
    backends.require(backend);
  }

  /** Logs which models have settings of their own and are not there. */
  void warnOfSettingsWithoutModel(Set<String> there) {
    for (ModelSettings one : settings) {
      if (!there.contains(one.name())) {
        LOG.warn(
            "popsight.per-model ({}): there is no such model; there {}",
            one.name(),
            there.isEmpty() ? "is none" : "are " + String.join(", ", there));
      }
    }
  }

  /** What runs a model unless a request asks for another. */
  String backend(LoadedModel model) {
    String own = model.settings().backend();
    return own == null ? defaultBackend : own;
  }

  /**
   * Reads a file; compiles nothing.
   *
   * @throws RefusedFileException with the reason
   */
  LoadedModel read(Path path) {
    ModelFile file;
    try {
      file = ModelFile.read(path);
    } catch (ModelRefusedException e) {
      throw new RefusedFileException(Fault.UNREADABLE, String.valueOf(e.getMessage()));
    }
    String name = file.metadata().name();
    ModelSettings own =
        settings.stream()
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseGet(() -> ModelSettings.none(name));
    try {
      own.check(file.metadata());
    } catch (ModelRefusedException e) {
      throw new RefusedFileException(Fault.SETTINGS, String.valueOf(e.getMessage()));
    }
    return new LoadedModel(path, file, own, backends, helpers);
  }

  /**
   * Compiles a model for its backend and warms it.
   *
   * @throws RefusedFileException if the backend cannot run it
   * @throws NativeLibraryException if no photo can be read, whatever runs the model
   */
  void prepare(LoadedModel model) {
    long start = System.nanoTime();
    ServedModel served;
    try {
      served = model.served(backend(model));
      warmUp.accept(served);
    } catch (NativeLibraryException e) {
      throw e;
    } catch (LinkageError e) {
      // Its message seldom tells why, the cause does.
      LOG.error("{} cannot be loaded", backend(model), e);
      throw unsupported(model, e.toString());
    } catch (RuntimeException e) {
      // Not only refusals: one bad file must not keep the others from serving.
      throw unsupported(model, String.valueOf(e.getMessage()));
    }
    LOG.info(
        "{} {} on {} ({}) is warm after {} ms",
        model.metadata().name(),
        model.metadata().version(),
        served.backend(),
        served.kernels(),
        Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  private RefusedFileException unsupported(LoadedModel model, String why) {
    return new RefusedFileException(
        Fault.UNSUPPORTED,
        "%s does not run on %s, other backends may: %s"
            .formatted(model.metadata().name(), backend(model), why));
  }

  /**
   * Runs a prepared model against the next backend that can run it.
   *
   * @throws RefusedFileException if they differ
   */
  void compare(LoadedModel model) {
    if (comparison.isEmpty()) {
      return;
    }
    String own = backend(model);
    for (String name : backends.names()) {
      if (!name.equals(own) && compared(model.served(own), model, name, comparison.get())) {
        return;
      }
    }
  }

  private static boolean compared(
      ServedModel served, LoadedModel model, String name, BackendComparison comparison) {
    try (ServedModel other = model.compile(name)) {
      Optional<String> difference = comparison.difference(served, other);
      if (difference.isPresent()) {
        throw new RefusedFileException(Fault.DIFFERENT, difference.get());
      }
      LOG.info(
          "{} {}: {} and {} agree on every spike of the probe photos",
          model.metadata().name(),
          model.metadata().version(),
          served.backend(),
          name);
      return true;
    } catch (ModelRefusedException | LinkageError e) {
      LOG.warn(
          "{} {} is not compared with {}: {}",
          model.metadata().name(),
          model.metadata().version(),
          name,
          e.getMessage());
      return false;
    }
  }
}
