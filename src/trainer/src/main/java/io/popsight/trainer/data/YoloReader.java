package io.popsight.trainer.data;

import io.popsight.imaging.PhotoFolder;
import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * YOLO layout: {@code data.yaml} with the classes and, a split, a folder of photos, several, or a
 * file that lists them; a text file a photo in the folder {@code labels} that stands where {@code
 * images} does within the data set, or beside the photo.
 */
final class YoloReader {

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;
  private final YoloIndex index;
  private final List<Path> roots;

  YoloReader(Path dir, List<String> labels, Consumer<String> problems) throws IOException {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
    this.index = YoloIndex.read(dir);
    this.roots = index.roots();
  }

  DataSet read(String split) throws IOException {
    List<String> wanted = labels.isEmpty() ? index.names() : labels;
    YoloLine format = new YoloLine(index.names(), wanted);
    List<Path> files = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    for (Path place : index.images(split)) {
      if (Files.isDirectory(place)) {
        folders.add(place);
        files.addAll(photosIn(place));
      } else {
        files.addAll(listedIn(place));
      }
    }
    List<LabeledPhoto> photos =
        PhotoReading.inOrder(files, (photo, told) -> read(photo, format, told), problems);
    // Where splits are lists, labels of the others' photos lie in the same folder.
    tellOrphans(folders, files);
    List<Path> without =
        photos.stream()
            .map(photo -> labelFile(photo.photo()).normalize())
            .filter(file -> !Files.exists(file))
            .toList();
    return new DataSet(String.valueOf(dir.getFileName()), wanted, photos, without);
  }

  /**
   * Everything below a folder of photos but texts; where labels lie among them, what is named as a
   * photo.
   */
  private List<Path> photosIn(Path folder) throws IOException {
    return YoloIndex.files(folder).stream()
        .filter(f -> !f.toString().endsWith(".txt"))
        .filter(f -> !isAmongLabels(f) || PhotoFolder.isNamedAsPhoto(f))
        .toList();
  }

  private boolean isAmongLabels(Path photo) {
    Path folder = photo.resolveSibling("");
    return labelFolder(folder).equals(folder);
  }

  /** A text file with a photo a line, from the file's folder or the data set's. */
  private List<Path> listedIn(Path list) throws IOException {
    return TextFile.lines(list).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(
            line -> {
              Path beside = list.resolveSibling(line).normalize();
              return Files.exists(beside) ? beside : dir.resolve(line).normalize();
            })
        .toList();
  }

  /** Folders above the data set may be called as they like. */
  private Path labelFolder(Path images) {
    Path all = images.toAbsolutePath().normalize();
    Path root = roots.stream().filter(all::startsWith).findFirst().orElse(all.getRoot());
    for (Path at = images;
        at != null && at.toAbsolutePath().normalize().startsWith(root);
        at = at.getParent()) {
      if (at.endsWith("images")) {
        return at.resolveSibling("labels").resolve(at.relativize(images));
      }
    }
    return images;
  }

  /** Where a photo's labels are, or else where they should be. */
  private Path labelFile(Path photo) {
    String name = String.valueOf(photo.getFileName()).replaceFirst("\\.[^.]*$", "") + ".txt";
    Path mirrored = labelFolder(photo.resolveSibling("")).resolve(name);
    Path beside = photo.resolveSibling(name);
    return Files.exists(beside) && !Files.exists(mirrored) ? beside : mirrored;
  }

  /** Label files whose photo is missing: mostly a misspelt name, and boxes that nobody learns. */
  private void tellOrphans(List<Path> folders, List<Path> photos) throws IOException {
    Set<Path> known = photos.stream().map(this::labelFile).collect(Collectors.toSet());
    for (Path folder : folders.stream().map(this::labelFolder).distinct().toList()) {
      if (Files.isDirectory(folder)) {
        YoloIndex.files(folder).stream()
            .filter(f -> f.toString().endsWith(".txt") && !f.endsWith("classes.txt"))
            .filter(f -> !known.contains(f) && looksLikeLabels(f))
            .forEach(f -> problems.accept(f + ": there is no photo of this name"));
      }
    }
  }

  /** A list of photos may lie in the same folder. */
  private static boolean looksLikeLabels(Path file) {
    try {
      return TextFile.lines(file).stream()
          .limit(1)
          .anyMatch(line -> line.matches("\\s*\\d+(\\s+[-+.eE\\d]+){4,}\\s*"));
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<LabeledPhoto> read(Path photo, YoloLine format, Consumer<String> told)
      throws IOException {
    if (!PhotoFolder.isNamedInText(photo)) {
      // It would be learned as background.
      told.accept(
          photo
              + ": the photo is left out, for its name is not UTF-8 and finds no labels: rename it");
      return Optional.empty();
    }
    PhotoSize size;
    try {
      size = PhotoSize.of(photo);
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
    Path file = labelFile(photo);
    MarkedObjects objects = new MarkedObjects(size, told);
    // In this layout a photo without a text file shows nothing.
    List<String> lines = Files.exists(file) ? TextFile.lines(file) : List.of();
    int unread = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        String place = "%s:%d".formatted(file, i + 1);
        boolean read = false;
        try {
          double[] numbers = format.numbers(lines.get(i));
          read = true;
          GroundTruth object = format.object(numbers, size);
          String name = format.wanted().get(object.classId());
          objects.add(place, name, object, lines.get(i));
        } catch (IllegalArgumentException e) {
          told.accept("%s: %s: %s".formatted(place, e.getMessage(), lines.get(i)));
        }
        unread += read ? 0 : 1;
      }
    }
    if (unread > 0) {
      // Something is on it that would be learned as background.
      told.accept("%s: the photo is left out, for %d lines cannot be read".formatted(file, unread));
      return Optional.empty();
    }
    return Optional.of(new LabeledPhoto(photo, objects.all()));
  }
}
