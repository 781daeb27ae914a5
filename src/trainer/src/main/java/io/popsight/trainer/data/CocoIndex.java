package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the annotations and the photos of a split lie.
 *
 * @param dir the data set's folder
 * @param file the annotations
 * @param own folders with photos of no other split
 * @param folders where photos may lie, the likeliest first
 */
record CocoIndex(Path dir, Path file, List<Path> own, List<Path> folders) {

  private static final Pattern NAMED =
      Pattern.compile("annotations/(?:instances_)?(.+)\\.json|(.+)/_annotations\\.coco\\.json");
  private static final Pattern OF_A_SPLIT =
      Pattern.compile("(?i)(?<![a-z])(train|val|valid|validation|test)(?![a-z])");
  private static final int SHOWN = 5;

  /**
   * Finds them. A single file that is not named as a split's is every split of a usual name.
   *
   * @throws IllegalArgumentException if there are no annotations, naming those that are there
   */
  static CocoIndex find(Path dir, String split) throws IOException {
    Set<String> names = new LinkedHashSet<>(List.of(split));
    if (YoloIndex.VALIDATION.contains(split)) {
      names.addAll(YoloIndex.VALIDATION);
    }
    List<Path> looked = new ArrayList<>();
    List<Path> own = new ArrayList<>();
    for (String name : names) {
      looked.add(dir.resolve("annotations").resolve("instances_" + name + ".json"));
      looked.add(dir.resolve("annotations").resolve(name + ".json"));
      looked.add(dir.resolve(name).resolve("_annotations.coco.json"));
      own.add(dir.resolve(name));
      own.add(dir.resolve("images").resolve(name));
    }
    Optional<Path> named = looked.stream().filter(Files::isRegularFile).findFirst();
    Path file = named.isPresent() ? named.get() : single(dir, split, looked);
    if (named.isEmpty()) {
      own.add(dir);
    }
    List<Path> folders = new ArrayList<>(own);
    folders.addAll(List.of(dir.resolve("images"), dir, file.resolveSibling("")));
    return new CocoIndex(dir, file, own, folders);
  }

  /** Whether .json files are annotations; any are, but for what lies beside folders of classes. */
  static boolean fits(Path dir, List<Path> files) throws IOException {
    return !files.isEmpty()
        && (!ClassFolderReader.fits(dir) || files.stream().anyMatch(CocoFile::looksRight));
  }

  private static Path single(Path dir, String split, List<Path> looked) throws IOException {
    List<String> files = files(dir);
    if (files.size() == 1
        && YoloIndex.USUAL.contains(split)
        && !OF_A_SPLIT.matcher(files.getFirst()).find()) {
      return dir.resolve(files.getFirst());
    }
    Set<String> splits = new TreeSet<>();
    List<String> others = new ArrayList<>();
    for (String file : files) {
      Matcher matcher = NAMED.matcher(file);
      if (matcher.matches()) {
        splits.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
      } else {
        others.add(file);
      }
    }
    throw new IllegalArgumentException(
        "no annotations of split '%s'; there are %s; looked at %s%s"
            .formatted(
                split,
                splits,
                looked,
                others.isEmpty() ? "" : "; .json files of other names: " + firstOf(others)));
  }

  /** The .json files of the data set, from its folder. */
  private static List<String> files(Path dir) throws IOException {
    try (Stream<Path> found = Files.find(dir, 2, (f, is) -> is.isRegularFile())) {
      return found
          .map(file -> dir.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".json"))
          .sorted()
          .toList();
    }
  }

  /** Some of many names. */
  static String firstOf(List<String> names) {
    return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (names.size() > SHOWN ? ", ..." : "");
  }

  /**
   * The photo of a name, which may begin with folders of the data set; where there is none, the
   * likeliest place for it. Empty for a name that leaves the data set.
   */
  Optional<Path> photo(String name) {
    Path root = absolute(dir);
    List<Path> inside =
        folders.stream()
            .map(folder -> folder.resolve(name.replace('\\', '/')).normalize())
            .filter(file -> absolute(file).startsWith(root))
            .toList();
    return inside.stream()
        .filter(Files::isRegularFile)
        .findFirst()
        .or(() -> inside.stream().findFirst());
  }

  /** Whether photos in a folder are of this split only. */
  boolean owns(Path folder) {
    return own.stream().anyMatch(its -> absolute(folder).startsWith(absolute(its)));
  }

  private static Path absolute(Path file) {
    return file.toAbsolutePath().normalize();
  }
}
