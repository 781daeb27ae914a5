package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.model.RefusedFile.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder and the catalog made of it. Each change after the first load happens on one background
 * thread, so that changes have an order and photos hardly notice them.
 */
final class ServedFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServedFolder.class);

  private static final Duration LAST_LOAD = Duration.ofSeconds(15);

  private final ModelFolder folder;
  private final ModelLoader loader;
  private final Duration interval;
  private final FolderScan scan;
  private final CompletableFuture<@Nullable Void> first = new CompletableFuture<>();
  private final Thread firstLoad =
      Thread.ofPlatform().daemon().name("models-first").unstarted(this::loadFirst);
  private final ScheduledExecutorService changes =
      Executors.newSingleThreadScheduledExecutor(BackgroundThreads.named("models"));

  /** Compiles for requests, one model at a time: a core kept busy by theirs answers nobody else. */
  private final ExecutorService asked =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("models-asked").factory());

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final LeftOut leftOut;

  /** Why the folder could not be followed at the last look, told once; empty where it could. */
  private String hindrance = "";

  private volatile Catalog catalog = Catalog.EMPTY;

  /**
   * Over a folder as it is now.
   *
   * @param interval between two looks at the folder; zero never looks again
   * @throws ModelRefusedException if there is no folder
   */
  ServedFolder(ModelFolder folder, ModelLoader loader, Duration interval) {
    this.folder = folder;
    this.loader = loader;
    this.interval = interval;
    this.scan = new FolderScan(folder);
    this.leftOut = new LeftOut(folder);
  }

  /** Starts to load; returns at once. */
  void start() {
    firstLoad.start();
  }

  /** What can be asked for now; waits for the first load. */
  Catalog catalog() {
    try {
      first.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ModelRefusedException refusal) {
        throw new ModelRefusedException(String.valueOf(refusal.getMessage()), refusal);
      }
      throw e;
    }
    return catalog;
  }

  /** A model on a backend; who looks at what is compiled hears of a first time. */
  Optional<ModelLease> lease(LoadedModel model, String backend) {
    boolean first = model.compiled().noneMatch(made -> made.backend().equals(backend));
    if (first) {
      loader.require(backend);
      await(asked, () -> model.served(backend));
    }
    Optional<ModelLease> lease = model.lease(backend);
    if (first) {
      changed();
    }
    return lease;
  }

  /**
   * Whether nothing is left of what there was. What is still being loaded is awaited elsewhere, and
   * who unloads models by hand must be let in to load others.
   */
  boolean isEmpty() {
    return first.isDone() && catalog.models().isEmpty() && !leftOut.hasUnloaded();
  }

  String backend(LoadedModel model) {
    return loader.backend(model);
  }

  String defaultBackend() {
    return loader.defaultBackend();
  }

  List<String> backendNames() {
    return loader.backendNames();
  }

  /** Whether a file had or has a model of that name, if only by where it lies. */
  boolean knows(String name) {
    return leftOut.knows(name);
  }

  List<RefusedFile> refused() {
    return leftOut.refused();
  }

  void onChange(Runnable listener) {
    listeners.add(listener);
    // A failed start has no listeners to tell.
    CompletableFuture<?> _ = first.thenRun(listener);
  }

  List<IndexEntry> index() {
    return leftOut.index(catalog().all().toList());
  }

  /** See {@link ModelRegistry#follow}. */
  void follow() {
    changes.execute(this::compareAll);
    if (!interval.isZero()) {
      var _ =
          changes.scheduleWithFixedDelay(
              this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** See {@link ModelRegistry#load}. */
  void load(String name) {
    inOrder(
        () -> {
          List<Path> files =
              folder.files().stream().filter(f -> leftOut.name(f).equals(name)).toList();
          if (files.isEmpty()) {
            throw new UnknownModelException(name, catalog().models().keySet());
          }
          leftOut.bringBack(name);
          files.forEach(this::take);
          files.stream()
              .flatMap(file -> leftOut.refusal(file).stream())
              .findFirst()
              .ifPresent(
                  file -> {
                    throw new ModelRefusedException(file.file() + ": " + file.reason());
                  });
        });
  }

  /** See {@link ModelRegistry#unload}. */
  void unload(String name) {
    inOrder(
        () -> {
          List<LoadedModel> versions = List.copyOf(catalog().versions(name).values());
          leftOut.unload(name, versions.stream().map(v -> v.metadata().version()).toList());
          Catalog next = catalog;
          for (LoadedModel version : versions) {
            leftOut.forgiveItsBackend(version.path());
            next = next.without(version);
          }
          swap(next, versions);
          LOG.info("{} is unloaded", name);
        });
  }

  /** No change by hand goes beside the first load, whose catalog it would overwrite. */
  private void inOrder(Runnable change) {
    Catalog _ = catalog();
    await(changes, change);
  }

  private static void await(Executor thread, Runnable work) {
    try {
      CompletableFuture.runAsync(work, thread).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void loadFirst() {
    try {
      loadAll();
      first.complete(null);
    } catch (RuntimeException | Error e) {
      first.completeExceptionally(e);
    }
  }

  private void loadAll() {
    for (Path file : scan.known()) {
      try {
        LoadedModel model = read(file);
        requireAlone(model);
        catalog = catalog.with(model);
      } catch (RefusedFileException e) {
        refuse(file, e);
      }
    }
    if (catalog.models().isEmpty()) {
      throw new ModelRefusedException(
          "popsight.models: there is no model to serve in %s: %s"
              .formatted(folder.path(), leftOut.whyNone()));
    }
    warnOfSettingsWithoutModel();
    prepareNewest();
    if (catalog.all().flatMap(LoadedModel::compiled).findAny().isEmpty()) {
      throw new ModelRefusedException(
          "popsight.backend: '%s' can run no model of %s"
              .formatted(defaultBackend(), folder.path()));
    }
  }

  /**
   * One after the other, the one of least work first: until the kernels are compiled a photo takes
   * some hundred times as long, and models side by side would slow the compiler and each other.
   */
  private void prepareNewest() {
    catalog.models().keySet().stream()
        .flatMap(name -> catalog.newest(name).stream())
        .sorted(Comparator.comparingLong(model -> model.metadata().macs()))
        .forEach(this::prepareLeniently);
  }

  private void compareAll() {
    for (String name : catalog().models().keySet()) {
      Optional<LoadedModel> newest = catalog.newest(name);
      while (!changes.isShutdown()
          && newest.isPresent()
          && newest.get().compiled().findAny().isPresent()) {
        try {
          loader.compare(newest.get());
          break;
        } catch (RefusedFileException e) {
          refuse(newest.get().path(), e);
          remove(newest.get());
          newest = catalog.newest(name);
        } catch (RuntimeException | Error e) {
          LOG.error("{} could not be compared; it goes on serving", name, e);
          break;
        }
      }
    }
  }

  /** Never throws: the next look would not come. */
  private void look() {
    try {
      FolderScan.Changes seen = scan.look();
      seen.settled().forEach(this::take);
      for (Path file : seen.gone()) {
        if (leftOut.forgive(file)) {
          changed();
        }
        catalog.all().filter(model -> model.path().equals(file)).toList().forEach(this::remove);
      }
      if (!seen.gone().isEmpty()) {
        // Their twin may have been among those that went.
        leftOut.duplicates().forEach(this::take);
      }
      if (!seen.settled().isEmpty() || !seen.gone().isEmpty()) {
        warnOfSettingsWithoutModel();
      }
      if (isNews("")) {
        LOG.info("The folder {} can be followed again", folder.path());
      }
    } catch (ModelRefusedException e) {
      if (isNews(String.valueOf(e.getMessage()))) {
        LOG.error("{}; what serves goes on", e.getMessage());
      }
    } catch (RuntimeException | Error e) {
      if (isNews(e.toString())) {
        LOG.error("The folder {} cannot be followed; what serves goes on", folder.path(), e);
      }
    }
  }

  private boolean isNews(String hindered) {
    boolean news = !hindered.equals(hindrance);
    hindrance = hindered;
    return news;
  }

  /** A model that is refused or unloaded is there all the same, and may come back. */
  private void warnOfSettingsWithoutModel() {
    Set<String> there = new TreeSet<>(catalog.models().keySet());
    there.addAll(leftOut.names());
    loader.warnOfSettingsWithoutModel(there);
  }

  private void take(Path file) {
    try {
      LoadedModel model = read(file);
      requireAlone(model);
      // Before it is prepared, for which it may be refused again.
      leftOut.forgive(file);
      if (!leftOut.isUnloaded(model.metadata().name())) {
        install(model);
      }
      changed();
    } catch (RefusedFileException e) {
      refuse(file, e);
    } catch (RuntimeException | Error e) {
      LOG.error("{} failed", file, e);
      refuse(file, new RefusedFileException(Fault.UNSUPPORTED, String.valueOf(e.getMessage())));
    }
  }

  private void install(LoadedModel read) {
    ModelMetadata is = read.metadata();
    Optional<LoadedModel> answering = catalog.newest(is.name());
    // Under another path where the file was moved.
    List<LoadedModel> replaced =
        new ArrayList<>(
            catalog
                .all()
                .filter(
                    old ->
                        old.path().equals(read.path())
                            || catalog.find(is).filter(old::equals).isPresent())
                .toList());
    Catalog next = catalog;
    for (LoadedModel old : replaced) {
      next = next.without(old);
    }
    // Of what stays: an older version in the place of a newer one is the newest then.
    Optional<LoadedModel> beside = next.newest(is.name());
    boolean newest =
        beside
            .map(old -> VersionOrder.OLDEST_FIRST.compare(is.version(), old.metadata().version()))
            .filter(order -> order < 0)
            .isEmpty();
    LoadedModel model = newest ? prepared(read, answering.isEmpty()) : read;
    next = next.with(model);
    prepareSuccessors(next, model, replaced);
    if (answering.isPresent()
        && !replaced.contains(answering.get())
        && next.newest(is.name()).filter(model::equals).isPresent()) {
      // An older version can still be asked for, but its memory is not kept for that.
      next = next.with(answering.get().fresh());
      replaced.add(answering.get());
    }
    swap(next, replaced);
    LOG.info("{} {} serves", is.name(), is.version());
  }

  /**
   * What answers in the place of something replaced is made ready before, if it is not the model.
   */
  private void prepareSuccessors(Catalog next, LoadedModel model, List<LoadedModel> replaced) {
    replaced.stream()
        .map(old -> old.metadata().name())
        .distinct()
        .flatMap(name -> next.newest(name).stream())
        .filter(now -> !now.equals(model))
        .filter(now -> catalog.newest(now.metadata().name()).filter(now::equals).isEmpty())
        .forEach(this::prepareLeniently);
  }

  /** An older version is made ready before the one that answers goes. */
  private void remove(LoadedModel model) {
    Catalog next = catalog.without(model);
    next.newest(model.metadata().name()).ifPresent(this::prepareLeniently);
    swap(next, List.of(model));
    LOG.info("{} {} is no longer served", model.metadata().name(), model.metadata().version());
  }

  private void swap(Catalog next, List<LoadedModel> replaced) {
    catalog = next;
    changed();
    replaced.forEach(LoadedModel::retire);
  }

  /** Only where nothing served before is a model left to the other backends. */
  private LoadedModel prepared(LoadedModel model, boolean first) {
    try {
      loader.prepare(model);
      loader.compare(model);
      return model;
    } catch (RefusedFileException e) {
      model.retire();
      if (first && e.fault() == Fault.UNSUPPORTED) {
        refuseOnItsBackend(model.path(), e);
        return model.fresh();
      }
      throw e;
    } catch (RuntimeException | Error e) {
      model.retire();
      throw e;
    }
  }

  /**
   * A model that its backend cannot run is there for the other backends, and told of all the same:
   * who names no backend is refused. One that lacks memory is no reason for the others not to
   * serve.
   */
  private void prepareLeniently(LoadedModel model) {
    try {
      loader.prepare(model);
    } catch (RefusedFileException e) {
      refuseOnItsBackend(model.path(), e);
    } catch (OutOfMemoryError | StackOverflowError e) {
      LOG.error("{} is not warm", model.metadata().name(), e);
    }
  }

  private LoadedModel read(Path file) {
    LoadedModel model = loader.read(file);
    leftOut.named(file, model.metadata().name());
    return model;
  }

  /** A twin whose file is gone was moved to where this one lies. */
  private void requireAlone(LoadedModel model) {
    catalog
        .find(model.metadata())
        .filter(twin -> !twin.path().equals(model.path()) && Files.exists(twin.path()))
        .ifPresent(
            twin -> {
              throw new RefusedFileException(
                  Fault.DUPLICATE,
                  "%s is already %s %s"
                      .formatted(
                          folder.relative(twin.path()),
                          model.metadata().name(),
                          model.metadata().version()));
            });
  }

  private void refuse(Path file, RefusedFileException e) {
    leftOut.refuse(file, e);
    changed();
  }

  private void refuseOnItsBackend(Path file, RefusedFileException e) {
    leftOut.refuseOnItsBackend(file, e);
    changed();
  }

  /** What a listener fails at is no fault of the change, nor of the request that made it. */
  private void changed() {
    if (!first.isDone()) {
      return;
    }
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException | Error e) {
        LOG.error("Somebody could not be told of a change of the models", e);
      }
    }
  }

  /** Waits for a model that is being loaded: the process must not end under a native library. */
  @Override
  public void close() {
    changes.shutdownNow();
    asked.shutdown();
    try {
      if (!firstLoad.join(LAST_LOAD)
          || !asked.awaitTermination(LAST_LOAD.toSeconds(), TimeUnit.SECONDS)
          || !changes.awaitTermination(LAST_LOAD.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("A model is still being loaded");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    catalog.all().forEach(LoadedModel::retire);
  }
}
