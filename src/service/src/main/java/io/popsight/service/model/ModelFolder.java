package io.popsight.service.model;

import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder with models: {@code NAME.onnx}, or {@code NAME/VERSION.onnx}.
 *
 * @param path the folder
 */
public record ModelFolder(Path path) {

  private static final String SUFFIX = ".onnx";

  /** Every model file, sorted. */
  List<Path> files() {
    if (!Files.isDirectory(path)) {
      throw new ModelRefusedException("there is no folder " + path + " to read models from");
    }
    try (Stream<Path> files = Files.walk(path, 2)) {
      return files
          .filter(f -> f.toString().endsWith(SUFFIX) && !isHidden(path.relativize(f)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new ModelRefusedException("cannot read the folder " + path + ": " + e.getMessage(), e);
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
    if (fileOrName.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
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

  /** Kubernetes mounts keep the files themselves in hidden folders, beside links to them. */
  private static boolean isHidden(Path inside) {
    for (Path part : inside) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
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
