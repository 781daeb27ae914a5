package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with models: {@code NAME.onnx}, or {@code NAME/VERSION.onnx}.
 *
 * @param path the folder
 */
public record ModelFolder(Path path) {

  private static final Logger LOG = LoggerFactory.getLogger(ModelFolder.class);
  private static final String SUFFIX = ".onnx";

  /** Every model file, sorted. */
  List<Path> files() {
    return files(Set.of());
  }

  /**
   * Every model file, sorted. What cannot be read, such as a disk's {@code lost+found}, is passed
   * over.
   *
   * @param known files that were there before; where they cannot be read they are not taken for
   *     gone
   * @throws ModelRefusedException if the folder, or what has a known file in it, cannot be read
   */
  List<Path> files(Set<Path> known) {
    if (!Files.isDirectory(path)) {
      throw new ModelRefusedException(
          "popsight.models: "
              + (Files.exists(path)
                  ? path + " is no folder"
                  : "there is no folder " + path + " to read models from"));
    }
    List<Path> files = new ArrayList<>();
    try {
      for (Path entry : visible(path)) {
        files.addAll(models(entry, known));
      }
    } catch (IOException e) {
      throw new ModelRefusedException(
          "popsight.models: cannot read the folder %s: %s".formatted(path, e), e);
    }
    return files.stream().sorted().toList();
  }

  /** A model file, or those of a folder of versions. */
  private List<Path> models(Path entry, Set<Path> known) throws IOException {
    try {
      BasicFileAttributes is = Files.readAttributes(entry, BasicFileAttributes.class);
      if (is.isRegularFile()) {
        return entry.toString().endsWith(SUFFIX) ? List.of(entry) : List.of();
      }
      List<Path> versions = new ArrayList<>();
      if (is.isDirectory() && path.relativize(entry).getNameCount() == 1) {
        for (Path version : visible(entry)) {
          versions.addAll(models(version, known));
        }
      }
      return versions;
    } catch (NoSuchFileException e) {
      // It went, or is a link that leads nowhere.
      return List.of();
    } catch (IOException e) {
      if (known.stream().anyMatch(file -> file.startsWith(entry))) {
        throw e;
      }
      LOG.debug("{} is passed over", entry, e);
      return List.of();
    }
  }

  /** Kubernetes mounts keep the files themselves in hidden folders, beside links to them. */
  private static List<Path> visible(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(f -> !String.valueOf(f.getFileName()).startsWith(".")).toList();
    }
  }

  /**
   * The file that a command line means: a path, or a name in this folder.
   *
   * @throws IllegalArgumentException if there is neither
   */
  public Path find(String fileOrName) {
    Path direct = Path.of(fileOrName);
    if (Files.isRegularFile(direct)) {
      return direct;
    }
    if (ModelMetadata.isName(fileOrName)) {
      Path named = path.resolve(fileOrName + SUFFIX);
      if (Files.isRegularFile(named)) {
        return named;
      }
      Path versions = path.resolve(fileOrName);
      if (Files.isDirectory(versions)) {
        return newest(new ModelFolder(versions).files());
      }
    }
    throw new IllegalArgumentException(
        "no model '%s': neither a file nor a name in %s".formatted(fileOrName, path));
  }

  /** What the folder calls a file's model: NAME of NAME.onnx and of NAME/VERSION.onnx. */
  String name(Path file) {
    Path inside = path.relativize(file);
    return inside.getNameCount() > 1 ? String.valueOf(inside.getName(0)) : stem(file);
  }

  /** VERSION of NAME/VERSION.onnx, else empty. */
  String version(Path file) {
    return path.relativize(file).getNameCount() > 1 ? stem(file) : "";
  }

  /** A file's path inside the folder. */
  String relative(Path file) {
    return path.relativize(file).toString();
  }

  private Path newest(List<Path> versions) {
    return versions.stream()
        .max(Comparator.comparing(ModelFolder::stem, VersionOrder.OLDEST_FIRST))
        .orElseThrow(() -> new IllegalArgumentException("no version of a model in " + path));
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - SUFFIX.length());
  }
}
