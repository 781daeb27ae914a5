package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.PhotoFolder;
import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder a split, in it a folder a class, in it photos that show the class (torchvision's {@code
 * ImageFolder}). What a photo shows is around the whole of it.
 */
final class ClassFolderReader {

  private static final Set<String> OTHER_LAYOUTS =
      Set.of("images", "labels", "annotations", "jpegimages");

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  ClassFolderReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  /**
   * Whether a folder is laid out so: photos two folders down, none of them named as in the layouts
   * that have boxes.
   */
  static boolean fits(Path dir) throws IOException {
    boolean photos = false;
    for (Path split : folders(dir)) {
      for (Path label : folders(split)) {
        if (OTHER_LAYOUTS.contains(name(split).toLowerCase(Locale.ROOT))
            || OTHER_LAYOUTS.contains(name(label).toLowerCase(Locale.ROOT))) {
          return false;
        }
        photos |= !new PhotoFolder(label).photos().isEmpty();
      }
    }
    return photos;
  }

  DataSet read(String split) throws IOException {
    Path folder = dir.resolve(split);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "no split '%s'; there are %s in %s"
              .formatted(split, folders(dir).stream().map(ClassFolderReader::name).toList(), dir));
    }
    List<String> found = folders(folder).stream().map(ClassFolderReader::name).toList();
    List<String> wanted = labels.isEmpty() ? found : labels;
    List<Shown> shown = new ArrayList<>();
    for (String label : found) {
      int classId = wanted.indexOf(label);
      if (classId < 0) {
        problems.accept("%s: no class is called %s".formatted(folder.resolve(label), label));
        continue;
      }
      new PhotoFolder(folder.resolve(label))
          .photos()
          .forEach(photo -> shown.add(new Shown(photo, classId)));
    }
    List<LabeledPhoto> photos = PhotoReading.inOrder(shown, ClassFolderReader::read, problems);
    return new DataSet(name(dir), wanted, photos);
  }

  private record Shown(Path photo, int classId) {}

  private static Optional<LabeledPhoto> read(Shown shown, Consumer<String> told) {
    try {
      PhotoSize size = PhotoSize.of(shown.photo());
      BoundingBox whole = new BoundingBox(0, 0, size.width(), size.height());
      return Optional.of(
          new LabeledPhoto(shown.photo(), List.of(new GroundTruth(shown.classId(), whole, false))));
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
  }

  private static List<Path> folders(Path dir) throws IOException {
    try (Stream<Path> found = Files.list(dir)) {
      return found.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static String name(Path folder) {
    return String.valueOf(folder.getFileName());
  }
}
