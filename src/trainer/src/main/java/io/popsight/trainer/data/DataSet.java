package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Photos of one split.
 *
 * @param name folder's name
 * @param labels class names, the index being the class id
 * @param photos in a fixed order
 * @param withoutLabels photos without a label file, where that means that nothing is on them
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

  /**
   * Reads a split.
   *
   * @param format {@code voc}, {@code yolo}, {@code coco}, {@code folders} (a folder a class), or
   *     {@code auto}
   * @param labels class names to use; empty takes the data set's own
   * @param problems told of everything that was skipped
   * @throws IllegalArgumentException for an unknown format, a split that does not exist or has no
   *     photos
   * @throws IOException if the split's list cannot be read
   */
  public static DataSet read(
      String format, Path dir, String split, List<String> labels, Consumer<String> problems)
      throws IOException {
    DataSet set;
    try {
      set =
          switch (format.equals("auto") ? guess(dir) : format) {
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
          "%s is not laid out as %s: there is no %s".formatted(dir, format, e.getMessage()), e);
    }
    if (set.photos().isEmpty()) {
      throw new IllegalArgumentException("no photos in split '%s' of %s".formatted(split, dir));
    }
    return set;
  }

  /** By what lies in the folder. */
  private static String guess(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new IllegalArgumentException("there is no folder " + dir);
    }
    if (Files.isDirectory(dir.resolve("ImageSets"))
        || Files.isDirectory(dir.resolve("Annotations"))) {
      return "voc";
    }
    if (YoloIndex.file(dir).isPresent()) {
      return "yolo";
    }
    try (Stream<Path> files = Files.find(dir, 2, (f, _) -> f.toString().endsWith(".json"))) {
      if (CocoIndex.fits(dir, files.toList())) {
        return "coco";
      }
    }
    if (ClassFolderReader.fits(dir)) {
      return "folders";
    }
    throw new IllegalArgumentException(
        "%s is laid out neither as voc (Annotations), yolo (data.yaml or classes.txt), coco (a .json) nor folders (SPLIT/CLASS/photos)"
            .formatted(dir));
  }
}
