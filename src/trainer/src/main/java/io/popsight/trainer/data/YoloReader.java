package io.popsight.trainer.data;

import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * YOLO layout: {@code data.yaml} with the classes and a folder of photos a split, and a text file a
 * photo in the folder {@code labels} that stands where {@code images} does.
 */
final class YoloReader {

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  YoloReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  DataSet read(String split) throws IOException {
    YoloIndex index = YoloIndex.read(dir);
    List<String> wanted = labels.isEmpty() ? index.names() : labels;
    YoloLine format = new YoloLine(index.names(), wanted);
    Path images = index.images(split);
    Path texts = labelFolder(images);
    List<Path> files;
    try (Stream<Path> found = Files.list(images)) {
      files = found.filter(Files::isRegularFile).sorted().toList();
    }
    List<LabeledPhoto> photos =
        PhotoReading.inOrder(files, (photo, told) -> read(photo, texts, format, told), problems);
    return new DataSet(String.valueOf(dir.getFileName()), wanted, photos);
  }

  private static Path labelFolder(Path images) {
    for (Path at = images; at != null; at = at.getParent()) {
      if (at.endsWith("images")) {
        return at.resolveSibling("labels").resolve(at.relativize(images));
      }
    }
    return images;
  }

  private static Optional<LabeledPhoto> read(
      Path photo, Path texts, YoloLine format, Consumer<String> told) throws IOException {
    PhotoSize size;
    try {
      size = PhotoSize.of(photo);
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
    String id = String.valueOf(photo.getFileName()).replaceFirst("\\.[^.]*$", "");
    Path file = texts.resolve(id + ".txt");
    List<GroundTruth> objects = new ArrayList<>();
    // In this layout a photo without a text file shows nothing.
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        try {
          objects.add(format.parse(lines.get(i), size));
        } catch (IllegalArgumentException e) {
          told.accept("%s:%d: %s: %s".formatted(file, i + 1, e.getMessage(), lines.get(i)));
        }
      }
    }
    return Optional.of(new LabeledPhoto(photo, objects));
  }
}
