package io.popsight.trainer.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Photos of one split.
 *
 * @param name folder's name
 * @param labels class names, the index being the class id
 * @param photos in a fixed order
 * @param withoutLabels label files that are not there, where that means that nothing is on the
 *     photo
 */
public record DataSet(
    String name, List<String> labels, List<LabeledPhoto> photos, List<Path> withoutLabels) {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException for classes without a name or of the same
   */
  public DataSet {
    labels = List.copyOf(labels);
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (label.isBlank() || !seen.add(label)) {
        throw new IllegalArgumentException(
            "%s: the class '%s' has no name or is there twice, in %s"
                .formatted(name, label, labels));
      }
    }
    photos = List.copyOf(photos);
    withoutLabels = List.copyOf(withoutLabels);
  }

  /** Of photos that all have labels. */
  public DataSet(String name, List<String> labels, List<LabeledPhoto> photos) {
    this(name, labels, photos, List.of());
  }

  /**
   * What classification of whole photos needs.
   *
   * @throws IllegalArgumentException naming a photo that shows nothing, or several things
   */
  public void requireOneClassEach() {
    for (LabeledPhoto photo : photos) {
      if (photo.objects().size() != 1) {
        throw new IllegalArgumentException(
            "classification needs photos of one class each (SPLIT/CLASS/photos); %s has %d objects"
                .formatted(photo.photo(), photo.objects().size()));
      }
    }
  }

  /** Whether there is anything to learn, or to measure, of detection. */
  public boolean hasObjects() {
    return photos.stream().flatMap(photo -> photo.objects().stream()).anyMatch(o -> !o.difficult());
  }

  /**
   * Reads a split.
   *
   * @param format {@code voc}, {@code yolo}, {@code coco}, {@code folders} (a folder a class), or
   *     {@code auto}
   * @param labels class names to use; empty takes the data set's own
   * @param problems told of everything that was skipped
   * @throws IllegalArgumentException for an unknown format, a folder that is laid out as none, a
   *     split that does not exist or has no photos
   * @throws IOException if the split's list cannot be read
   */
  public static DataSet read(
      String format, Path dir, String split, List<String> labels, Consumer<String> problems)
      throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new IllegalArgumentException(
          Files.exists(dir)
              ? dir + " is a file; give the folder of the data set"
              : "there is no folder " + dir);
    }
    String layout = format.equals("auto") ? guess(dir) : format;
    DataSet set;
    try {
      set =
          switch (layout) {
            case "voc" -> new VocReader(dir, labels, problems).read(split);
            case "yolo" -> new YoloReader(dir, labels, problems).read(split);
            case "coco" -> new CocoReader(dir, labels, problems).read(split);
            case "folders" -> new ClassFolderReader(dir, labels, problems).read(split);
            default ->
                throw new IllegalArgumentException(
                    "unknown format '%s'; there are voc, yolo, coco, folders, auto"
                        .formatted(format));
          };
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "%s is not laid out as %s: there is no %s".formatted(dir, layout, e.getMessage()), e);
    }
    set = set.withoutRepeats(problems);
    if (set.photos().isEmpty()) {
      throw new IllegalArgumentException(
          "no photos in split '%s' of %s, or none that can be read".formatted(split, dir));
    }
    return set;
  }

  /** Each photo once: lists and folders may name one again, which would then weigh more. */
  private DataSet withoutRepeats(Consumer<String> problems) {
    Map<Path, LabeledPhoto> once = new LinkedHashMap<>();
    List<Path> again = new ArrayList<>();
    for (LabeledPhoto photo : photos) {
      if (once.putIfAbsent(photo.photo().toAbsolutePath().normalize(), photo) != null) {
        again.add(photo.photo());
      }
    }
    if (!again.isEmpty()) {
      problems.accept(
          "%d photos are named again and count once, such as %s"
              .formatted(again.size(), again.getFirst()));
    }
    return new DataSet(
        name, labels, List.copyOf(once.values()), withoutLabels.stream().distinct().toList());
  }

  private static String guess(Path dir) throws IOException {
    return layout(dir)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s is laid out neither as voc (Annotations), yolo (data.yaml or classes.txt), coco (a .json) nor folders (SPLIT/CLASS/photos)%s"
                        .formatted(dir, instead(dir))));
  }

  /** By what lies in the folder. */
  private static Optional<String> layout(Path dir) throws IOException {
    if (Files.isDirectory(dir.resolve("ImageSets"))
        || Files.isDirectory(dir.resolve("Annotations"))) {
      return Optional.of("voc");
    }
    if (YoloIndex.file(dir).isPresent()) {
      return Optional.of("yolo");
    }
    try (Stream<Path> files = Files.find(dir, 2, (f, _) -> f.toString().endsWith(".json"))) {
      if (CocoIndex.fits(dir, files.toList())) {
        return Optional.of("coco");
      }
    }
    return ClassFolderReader.fits(dir) ? Optional.of("folders") : Optional.empty();
  }

  /** What lies in a folder of no known layout, and what it lacks. */
  private static String instead(Path dir) {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> within = Files.walk(dir, 3)) {
      List<Path> files = within.filter(file -> !file.equals(dir)).sorted().toList();
      for (Path file : files) {
        if (dir.equals(file.getParent()) && Files.isDirectory(file)) {
          layout(file)
              .ifPresent(
                  known -> text.append("; %s is laid out as %s: give that".formatted(file, known)));
        }
      }
      files.stream()
          .filter(file -> file.endsWith("labels") && Files.isDirectory(file))
          .findFirst()
          .ifPresent(
              labels ->
                  text.append(
                      "; it has %s%s, but no %s"
                          .formatted(
                              Files.isDirectory(labels.resolveSibling("images"))
                                  ? dir.relativize(labels.resolveSibling("images")) + " and "
                                  : "",
                              dir.relativize(labels),
                              YoloIndex.classes(dir))));
      files.stream()
          .filter(file -> file.toString().endsWith(".xml") && text.isEmpty())
          .findFirst()
          .ifPresent(
              xml ->
                  text.append(
                      "; it has %s, but voc has such files in Annotations and photos in JPEGImages or images"
                          .formatted(dir.relativize(xml))));
    } catch (IOException | UncheckedIOException e) {
      text.append("; ").append(e.getMessage());
    }
    return text.toString();
  }
}
