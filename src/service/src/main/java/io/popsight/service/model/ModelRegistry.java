package io.popsight.service.model;

import io.popsight.model.ModelRefusedException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The models that are served, by name; of several versions the newest answers unless a request
 * names another. A file that changes is loaded beside the old one, warmed and compared, then put in
 * its place at once; requests under way end with the model that they began with.
 */
public final class ModelRegistry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);

  private final ServedFolder folder;
  private final String defaultModel;

  /** What was said last of the model that answers by default. */
  private String said = "";

  private ModelRegistry(ServedFolder folder, String defaultModel) {
    this.folder = folder;
    this.defaultModel = defaultModel;
  }

  /**
   * Starts to load what the folder holds and returns; the first call that needs a model waits.
   *
   * @param defaultModel what answers unless a request names another; the first in alphabetical
   *     order does where the folder never had it
   * @param interval between two looks at the folder; zero never looks again
   * @throws ModelRefusedException if there is no such folder
   */
  public static ModelRegistry open(
      ModelFolder folder, ModelLoader loader, String defaultModel, Duration interval) {
    ServedFolder served = new ServedFolder(folder, loader, interval);
    ModelRegistry models = new ModelRegistry(served, defaultModel);
    served.onChange(models::sayWhoAnswers);
    served.start();
    return models;
  }

  /**
   * Waits until every model of the folder is warm.
   *
   * @throws ModelRefusedException if not one can answer
   */
  public void awaitLoaded() {
    sayWhoAnswers();
  }

  /** Logs who answers by default if that is not as it should be, and when it is again. */
  private synchronized void sayWhoAnswers() {
    Catalog catalog = folder.catalog();
    String answers = defaultOf(catalog);
    Level level = Level.INFO;
    String now = "";
    if (!answers.equals(defaultModel)) {
      level = Level.WARN;
      now = "there is no model '%s'; %s answers by default".formatted(defaultModel, answers);
    } else if (catalog.newest(answers).isEmpty()) {
      level = Level.ERROR;
      now = "'%s' does not serve; requests that name no model are refused".formatted(answers);
    }
    if (!now.equals(said)) {
      LOG.atLevel(level)
          .log("popsight.default-model: {}", now.isEmpty() ? "'" + answers + "' is there" : now);
      said = now;
    }
  }

  /**
   * A model to answer with, compiled now if nobody asked for that backend before. To be closed by
   * the caller.
   *
   * @param name empty takes the default model
   * @param version empty takes the newest
   * @param backend empty takes the model's own
   * @throws UnknownModelException if there is no such model or version
   * @throws IllegalArgumentException if there is no such backend
   * @throws ModelRefusedException if the backend cannot run it
   */
  public ModelLease lease(
      Optional<String> name, Optional<String> version, Optional<String> backend) {
    while (true) {
      Catalog catalog = folder.catalog();
      LoadedModel model = catalog.find(name.orElseGet(() -> defaultOf(catalog)), version);
      Optional<ModelLease> lease =
          folder.lease(model, backend.orElseGet(() -> folder.backend(model)));
      if (lease.isPresent()) {
        return lease.get();
      }
      // Replaced between finding and holding: the catalog has another by now.
    }
  }

  /** Name of the model that answers when none is asked for; it may be unknown at the moment. */
  public String defaultModel() {
    return defaultOf(folder.catalog());
  }

  /**
   * Another stands in for a default model that never was there, not for one that is refused or
   * went: its answers would be taken for those of the default.
   */
  private String defaultOf(Catalog catalog) {
    return catalog.newest(defaultModel).isPresent()
            || catalog.models().isEmpty()
            || folder.knows(defaultModel)
        ? defaultModel
        : catalog.models().firstKey();
  }

  /** Name of the backend that runs when none is asked for and the model has none of its own. */
  public String defaultBackend() {
    return folder.defaultBackend();
  }

  /** Whether every model went after the start, so that nobody can be answered; never waits. */
  public boolean isEmpty() {
    return folder.isEmpty();
  }

  /** Names in alphabetical order. */
  public List<String> names() {
    return List.copyOf(folder.catalog().models().keySet());
  }

  /** The models in alphabetical order, as they are at this moment. */
  public List<ListedModel> listed() {
    Catalog catalog = folder.catalog();
    return catalog.models().keySet().stream().map(name -> listed(catalog, name)).toList();
  }

  /** One of them, if there is such a model. */
  public Optional<ListedModel> listed(String name) {
    Catalog catalog = folder.catalog();
    return catalog.models().containsKey(name)
        ? Optional.of(listed(catalog, name))
        : Optional.empty();
  }

  private ListedModel listed(Catalog catalog, String name) {
    List<LoadedModel> versions = List.copyOf(catalog.versions(name).values());
    LoadedModel newest = versions.getLast();
    return new ListedModel(
        name,
        versions.stream().map(LoadedModel::metadata).toList(),
        newest.settings(),
        folder.backend(newest),
        name.equals(defaultOf(catalog)));
  }

  /** Names of the backends on the class path. */
  public List<String> backendNames() {
    return folder.backendNames();
  }

  /** What is compiled, sorted by name, the newest version last; for looking at, not for running. */
  public List<ServedModel> ready() {
    return folder
        .catalog()
        .all()
        .flatMap(LoadedModel::compiled)
        .sorted(Comparator.comparing(model -> model.metadata().name()))
        .toList();
  }

  /** Files that do not answer, with the reason. */
  public List<RefusedFile> refused() {
    return folder.refused();
  }

  /** Everything that the folder holds, serving or not, sorted by name and version. */
  public List<IndexEntry> index() {
    return folder.index();
  }

  /**
   * Reads the files of a model now and lets the newest answer; takes back {@link #unload}. Returns
   * when it answers.
   *
   * @throws UnknownModelException if the folder has no such model
   * @throws ModelRefusedException if a file is refused; what served before goes on serving
   */
  public void load(String name) {
    folder.load(name);
  }

  /**
   * Stops serving a model until {@link #load}; requests under way are answered.
   *
   * @throws UnknownModelException if there is no such model
   */
  public void unload(String name) {
    folder.unload(name);
  }

  /** Calls back after every change, on the thread that made it. */
  public void onChange(Runnable listener) {
    folder.onChange(listener);
  }

  /** Compares what was loaded at start, then follows the folder. To be called when ready. */
  public void follow() {
    folder.follow();
  }

  @Override
  public void close() {
    folder.close();
  }
}
