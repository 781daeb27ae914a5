package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code data.yaml}, or the {@code classes.txt} that labelling tools leave beside the photos.
 *
 * @param dir the folder it lies in
 * @param yaml its keys; empty for a {@code classes.txt}
 * @param names class names, the index being the class id
 */
record YoloIndex(Path dir, Map<?, ?> yaml, List<String> names) {

  private static final List<String> FILES =
      List.of("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "labels/classes.txt");

  /** Names of splits that a set without splits has. */
  static final List<String> USUAL = List.of("train", "val", "valid", "validation", "test");

  /** Names that stand for each other. */
  static final List<String> VALIDATION = List.of("val", "valid", "validation");

  /** The file that names the classes, where there is one. */
  static Optional<Path> file(Path dir) {
    return FILES.stream().map(dir::resolve).filter(Files::isRegularFile).findFirst();
  }

  /** The files that may name the classes, with those beside that may have another name. */
  static String classes(Path dir) {
    List<String> others;
    try (Stream<Path> files = Files.list(dir)) {
      others =
          files.map(YoloIndex::name).filter(f -> f.matches("(?i).*\\.ya?ml")).sorted().toList();
    } catch (IOException e) {
      others = List.of();
    }
    return "data.yaml or classes.txt with the class names"
        + (others.isEmpty() ? "" : " (if %s has them, call it data.yaml)".formatted(others));
  }

  static YoloIndex read(Path dir) throws IOException {
    Path file =
        file(dir)
            .orElseThrow(
                () -> new IllegalArgumentException("%s has no %s".formatted(dir, classes(dir))));
    if (file.endsWith("classes.txt")) {
      List<String> lines = TextFile.lines(file).stream().map(String::strip).toList();
      return new YoloIndex(dir, Map.of(), lines.stream().filter(l -> !l.isEmpty()).toList());
    }
    Map<?, ?> yaml;
    try {
      yaml = new YAMLMapper().readValue(TextFile.read(file), Map.class);
    } catch (DatabindException e) {
      throw new IllegalArgumentException(file + ": expected keys, as in 'names: [bus, car]'", e);
    } catch (JacksonException e) {
      throw TextFile.refusal(file, e);
    }
    List<String> names =
        switch (yaml.get("names")) {
          case List<?> list -> list.stream().map(String::valueOf).toList();
          case Map<?, ?> map -> byId(map, file);
          case null, default -> throw new IllegalArgumentException(file + " has no 'names'");
        };
    if (yaml.get("nc") instanceof Integer number && number != names.size()) {
      throw new IllegalArgumentException(
          "%s: nc is %d, but there are %d names".formatted(file, number, names.size()));
    }
    return new YoloIndex(dir, yaml, names);
  }

  private static List<String> byId(Map<?, ?> map, Path file) {
    TreeMap<Integer, String> names = new TreeMap<>();
    try {
      map.forEach((id, name) -> names.put(Integer.valueOf(String.valueOf(id)), "" + name));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(file + ": 'names' must have numbers as keys", e);
    }
    if (names.isEmpty() || names.firstKey() != 0 || names.lastKey() != names.size() - 1) {
      throw new IllegalArgumentException(file + ": 'names' must count from 0 without a gap");
    }
    return List.copyOf(names.values());
  }

  /**
   * The folders with a split's photos, or files that list them. What the file says is often meant
   * from another folder than its own, so the usual places are looked at after it; a folder without
   * splits is every split of a usual name.
   *
   * @throws IllegalArgumentException if there is none
   */
  List<Path> images(String split) {
    List<String> names = VALIDATION.contains(split) ? new ArrayList<>(VALIDATION) : List.of(split);
    List<Path> looked = new ArrayList<>();
    for (String name : names) {
      switch (yaml.get(name)) {
        case String one when !one.isBlank() -> looked.addAll(places(one));
        case List<?> many -> {
          List<Path> found =
              many.stream().map(each -> existing(places(String.valueOf(each)))).toList();
          return found;
        }
        case null, default -> {}
      }
    }
    for (String name : names) {
      looked.add(dir.resolve(name).resolve("images"));
      looked.add(dir.resolve("images").resolve(name));
      looked.add(dir.resolve(name));
    }
    if (USUAL.contains(split)) {
      looked.addAll(whole());
    }
    return List.of(
        existing(looked, "split '%s'; there are %s".formatted(split, String.join(", ", splits()))));
  }

  /** Where the photos of a set without splits lie. */
  private List<Path> whole() {
    List<Path> places = new ArrayList<>();
    Path images = dir.resolve("images");
    boolean parted = holdsSplits(images);
    if (!parted && !yaml.containsKey("train") && !yaml.containsKey("val")) {
      places.add(images);
    }
    if (!parted && yaml.isEmpty() && !holdsSplits(dir)) {
      places.add(dir);
    }
    return places;
  }

  /** Photos are read below as well: such a folder would be the splits that are there. */
  private static boolean holdsSplits(Path folder) {
    return USUAL.stream().map(folder::resolve).anyMatch(YoloIndex::holdsPhotos);
  }

  /** Names that photos are found by. */
  private Set<String> splits() {
    Set<String> names = new TreeSet<>();
    yaml.forEach(
        (key, value) -> {
          if ((value instanceof String told
                  && !told.isBlank()
                  && places(told).stream().anyMatch(YoloIndex::holdsPhotos))
              || (value instanceof List<?> && USUAL.contains(String.valueOf(key)))) {
            names.add(String.valueOf(key));
          }
        });
    names.remove("path");
    subfolders(dir).filter(f -> holdsPhotos(f.resolve("images"))).forEach(f -> names.add(name(f)));
    subfolders(dir.resolve("images"))
        .filter(YoloIndex::holdsPhotos)
        .forEach(f -> names.add(name(f)));
    if (whole().stream().anyMatch(YoloIndex::holdsPhotos)) {
      names.addAll(USUAL);
    }
    return names;
  }

  /** The folders that the set lies in: its own, and what the file has as its path. */
  List<Path> roots() {
    Path told = yaml.get("path") instanceof String path ? dir.resolve(path) : dir;
    return Stream.of(dir, told).map(root -> root.toAbsolutePath().normalize()).toList();
  }

  private static Stream<Path> subfolders(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).toList().stream();
    } catch (IOException none) {
      return Stream.empty();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private List<Path> places(String told) {
    List<Path> places = new ArrayList<>();
    if (yaml.get("path") instanceof String root) {
      places.add(dir.resolve(root).resolve(told).normalize());
    }
    places.add(dir.resolve(told).normalize());
    places.add(dir.resolve(told.replaceFirst("^(\\.\\./)+", "")).normalize());
    return places;
  }

  private static Path existing(List<Path> places) {
    return existing(places, "'%s'".formatted(name(places.getLast())));
  }

  private static Path existing(List<Path> places, String wanted) {
    return places.stream()
        .filter(YoloIndex::holdsPhotos)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no folder with photos of %s; looked at %s".formatted(wanted, places)));
  }

  /** A folder with files in it or below, or a file that lists them. */
  private static boolean holdsPhotos(Path place) {
    if (!Files.isDirectory(place)) {
      return Files.isRegularFile(place);
    }
    boolean[] found = {false};
    try {
      walk(
          place,
          file -> {
            found[0] = !file.toString().endsWith(".txt") && Files.isRegularFile(file);
            return !found[0];
          });
    } catch (IOException e) {
      return false;
    }
    return found[0];
  }

  /** The files in a folder and below it, sorted. */
  static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    walk(folder, files::add);
    files.sort(Comparator.naturalOrder());
    return files;
  }

  /**
   * Goes through files until one is not accepted, but as Ultralytics does not those that are hidden
   * or left by a file manager.
   */
  private static void walk(Path folder, Predicate<Path> accepted) throws IOException {
    FileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes is) {
            return at.equals(folder) || !isHidden(at)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
            return isHidden(file) || accepted.test(file)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof FileSystemLoopException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        };
    Files.walkFileTree(
        folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
  }

  private static boolean isHidden(Path file) {
    return name(file).matches("(?i)\\..*|thumbs\\.db|desktop\\.ini");
  }
}
