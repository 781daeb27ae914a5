package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.model.RefusedFile.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What serves of a folder and what is left out. A change makes ready what is to answer, and then
 * swaps the catalog; one thread at a time makes changes.
 */
final class ServedCatalog {

  private static final Logger LOG = LoggerFactory.getLogger(ServedCatalog.class);

  private final ModelFolder folder;
  private final ModelLoader loader;
  private final Runnable changed;
  private final LeftOut leftOut;

  private volatile Catalog catalog = Catalog.EMPTY;

  /**
   * Nothing yet.
   *
   * @param changed is told of each change
   */
  ServedCatalog(ModelFolder folder, ModelLoader loader, Runnable changed) {
    this.folder = folder;
    this.loader = loader;
    this.changed = changed;
    this.leftOut = new LeftOut(folder);
  }

  Catalog catalog() {
    return catalog;
  }

  /** Whether nothing is left of what there was, and nobody unloaded it by hand. */
  boolean isEmpty() {
    return catalog.models().isEmpty() && !leftOut.hasUnloaded();
  }

  /** Whether a file had or has a model of that name, if only by where it lies. */
  boolean knows(String name) {
    return leftOut.knows(name);
  }

  List<RefusedFile> refused() {
    return leftOut.refused();
  }

  List<IndexEntry> index() {
    return leftOut.index(catalog.all().toList());
  }

  /**
   * Reads the files of a folder that nothing was read of before.
   *
   * @throws ModelRefusedException if there is nothing to serve in them
   */
  void takeFirst(List<Path> files) {
    for (Path file : files) {
      try {
        LoadedModel model = read(file);
        requireAlone(model);
        catalog = catalog.with(model);
      } catch (RuntimeException | Error e) {
        failed(file, e);
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
              .formatted(loader.defaultBackend(), folder.path()));
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

  /**
   * Compares the model of a name that answers with another backend; one that differs is refused.
   *
   * @return whether another version answers since
   */
  boolean refusesNewest(String name) {
    Optional<LoadedModel> newest = catalog.newest(name);
    if (newest.isEmpty() || newest.get().compiled().findAny().isEmpty()) {
      return false;
    }
    try {
      loader.compare(newest.get());
      return false;
    } catch (RefusedFileException e) {
      refuse(newest.get().path(), e);
      remove(newest.get());
      return true;
    } catch (RuntimeException | Error e) {
      LOG.error("{} could not be compared; it goes on serving", name, e);
      return false;
    }
  }

  /** What has come to the folder and what has gone. */
  void follow(FolderScan.Changes seen) {
    seen.settled().forEach(this::take);
    for (Path file : seen.gone()) {
      if (leftOut.forgive(file)) {
        changed.run();
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
  }

  /** See {@link ModelRegistry#load}. */
  void load(String name) {
    List<Path> files = folder.files().stream().filter(f -> leftOut.name(f).equals(name)).toList();
    if (files.isEmpty()) {
      throw new UnknownModelException(name, catalog.models().keySet());
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
  }

  /** See {@link ModelRegistry#unload}. */
  void unload(String name) {
    List<LoadedModel> versions = List.copyOf(catalog.versions(name).values());
    leftOut.unload(name, versions.stream().map(v -> v.metadata().version()).toList());
    Catalog next = catalog;
    for (LoadedModel version : versions) {
      leftOut.forgiveItsBackend(version.path());
      next = next.without(version);
    }
    swap(next, versions);
    LOG.info("{} is unloaded", name);
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
      changed.run();
    } catch (RuntimeException | Error e) {
      failed(file, e);
    }
  }

  /** Not only refusals: one bad file must not keep the others from serving. */
  private void failed(Path file, Throwable e) {
    if (e instanceof RefusedFileException refusal) {
      refuse(file, refusal);
      return;
    }
    LOG.error("{} failed", file, e);
    refuse(file, new RefusedFileException(Fault.UNSUPPORTED, e.toString()));
  }

  /** A model that is refused or unloaded is there all the same, and may come back. */
  private void warnOfSettingsWithoutModel() {
    Set<String> there = new TreeSet<>(catalog.models().keySet());
    there.addAll(leftOut.names());
    loader.warnOfSettingsWithoutModel(there);
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
    changed.run();
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
    changed.run();
  }

  private void refuseOnItsBackend(Path file, RefusedFileException e) {
    leftOut.refuseOnItsBackend(file, e);
    changed.run();
  }

  /** Lets go of all that serves. */
  void retire() {
    catalog.all().forEach(LoadedModel::retire);
  }
}
