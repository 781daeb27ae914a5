package io.popsight.service.model;

import io.popsight.service.model.RefusedFile.Fault;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a folder holds and does not serve: files that were refused, models that were unloaded. A
 * file that only its own backend cannot run is among them, though the others may.
 */
final class LeftOut {

  private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);

  private final ModelFolder folder;
  private final Map<Path, RefusedFile> refused = new ConcurrentSkipListMap<>();

  /** With the versions that went. */
  private final Map<String, List<String>> unloaded = new ConcurrentSkipListMap<>();

  /** What each file called its model when it was read last. */
  private final Map<Path, String> names = new ConcurrentHashMap<>();

  private final Set<String> everNamed = ConcurrentHashMap.newKeySet();

  LeftOut(ModelFolder folder) {
    this.folder = folder;
  }

  void named(Path file, String name) {
    names.put(file, name);
    everNamed.add(name);
  }

  /** As the file calls its model; for a file that could never be read, as the folder does. */
  String name(Path file) {
    return names.getOrDefault(file, folder.name(file));
  }

  /** Whether a file was ever called so, or is and was refused. */
  boolean knows(String name) {
    return everNamed.contains(name) || names().contains(name);
  }

  void refuse(Path file, RefusedFileException e) {
    LOG.error("A model is left out: {}: {}", folder.relative(file), e.getMessage());
    remember(file, e);
  }

  /** A file whose model is there for other backends than its own. */
  void refuseOnItsBackend(Path file, RefusedFileException e) {
    LOG.error("A model answers on other backends alone: {}", e.getMessage());
    remember(file, e);
  }

  private void remember(Path file, RefusedFileException e) {
    refused.put(
        file, new RefusedFile(folder.relative(file), e.fault(), String.valueOf(e.getMessage())));
  }

  /** Its own backend is not asked to run it any more. */
  void forgiveItsBackend(Path file) {
    refused.computeIfPresent(
        file, (_, refusal) -> refusal.fault() == Fault.UNSUPPORTED ? null : refusal);
  }

  /** Whether it was refused until now. */
  boolean forgive(Path file) {
    return refused.remove(file) != null;
  }

  Optional<RefusedFile> refusal(Path file) {
    return Optional.ofNullable(refused.get(file));
  }

  List<RefusedFile> refused() {
    return List.copyOf(refused.values());
  }

  /** Files whose twin was there first. */
  List<Path> duplicates() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getValue().fault() == Fault.DUPLICATE)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Why nothing of the folder answers. */
  String whyNone() {
    return refused.isEmpty()
        ? "it holds neither NAME.onnx nor NAME/VERSION.onnx"
        : refused.values().stream()
            .map(file -> file.file() + ": " + file.reason())
            .collect(Collectors.joining("; "));
  }

  void unload(String name, List<String> versions) {
    unloaded.put(name, versions);
  }

  void bringBack(String name) {
    unloaded.remove(name);
  }

  boolean isUnloaded(String name) {
    return unloaded.containsKey(name);
  }

  /** Names of all that is left out. */
  Set<String> names() {
    Set<String> all = new TreeSet<>(unloaded.keySet());
    refused.keySet().forEach(file -> all.add(name(file)));
    return all;
  }

  boolean hasUnloaded() {
    return !unloaded.isEmpty();
  }

  /** The whole folder, with what answers, if only on other backends than its own. */
  List<IndexEntry> index(List<LoadedModel> answering) {
    Set<Path> there = answering.stream().map(LoadedModel::path).collect(Collectors.toSet());
    Stream<IndexEntry> broken =
        refused.entrySet().stream()
            .filter(e -> e.getValue().fault() != Fault.UNSUPPORTED || !there.contains(e.getKey()))
            .map(
                e ->
                    new IndexEntry(
                        name(e.getKey()),
                        folder.version(e.getKey()),
                        IndexEntry.State.REFUSED,
                        e.getValue().reason()));
    return IndexEntry.listed(answering.stream().map(LoadedModel::metadata), unloaded, broken);
  }
}
