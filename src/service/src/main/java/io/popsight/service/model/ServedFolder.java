package io.popsight.service.model;

import io.popsight.model.ModelRefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
 * When the catalog made of a folder changes: at the start, and from then on one change after the
 * other on one background thread, so that they have an order and photos hardly notice them.
 */
final class ServedFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServedFolder.class);

  private static final Duration LAST_LOAD = Duration.ofSeconds(15);

  private final ModelFolder folder;
  private final ModelLoader loader;
  private final ServedCatalog served;
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

  /** Why the folder could not be followed at the last look, told once; empty where it could. */
  private String hindrance = "";

  /**
   * Over a folder as it is now.
   *
   * @param interval between two looks at the folder; zero never looks again
   * @throws ModelRefusedException if there is no folder
   */
  ServedFolder(ModelFolder folder, ModelLoader loader, Duration interval) {
    this.folder = folder;
    this.loader = loader;
    this.served = new ServedCatalog(folder, loader, this::changed);
    this.interval = interval;
    this.scan = new FolderScan(folder);
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
    return served.catalog();
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
    return first.isDone() && served.isEmpty();
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
    return served.knows(name);
  }

  List<RefusedFile> refused() {
    return served.refused();
  }

  void onChange(Runnable listener) {
    listeners.add(listener);
    // A failed start has no listeners to tell.
    CompletableFuture<?> _ = first.thenRun(listener);
  }

  List<IndexEntry> index() {
    Catalog _ = catalog();
    return served.index();
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
    inOrder(() -> served.load(name));
  }

  /** See {@link ModelRegistry#unload}. */
  void unload(String name) {
    inOrder(() -> served.unload(name));
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
      served.takeFirst(scan.known());
      first.complete(null);
    } catch (RuntimeException | Error e) {
      first.completeExceptionally(e);
    }
  }

  private void compareAll() {
    for (String name : catalog().models().keySet()) {
      boolean again = true;
      while (again && !changes.isShutdown()) {
        again = served.refusesNewest(name);
      }
    }
  }

  /** Never throws: the next look would not come. */
  private void look() {
    try {
      served.follow(scan.look());
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
    served.retire();
  }
}
