package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * YOLO layout: {@code data.yaml} with {@code names} and a folder a split, {@code
 * SPLIT/images/ID.jpg}, {@code SPLIT/labels/ID.txt} with lines of class, centre x, centre y, width,
 * height (shares of the photo).
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
    List<String> own = names();
    List<String> wanted = labels.isEmpty() ? own : labels;
    Path images = dir.resolve(split).resolve("images");
    List<LabeledPhoto> photos = new ArrayList<>();
    try (Stream<Path> files = Files.list(images)) {
      for (Path photo : files.sorted().toList()) {
        photos.add(new LabeledPhoto(photo, objects(photo, own, wanted)));
      }
    }
    return new DataSet(String.valueOf(dir.getFileName()), wanted, photos);
  }

  private List<String> names() throws IOException {
    Map<?, ?> yaml =
        new YAMLMapper().readValue(Files.readString(dir.resolve("data.yaml")), Map.class);
    return switch (yaml.get("names")) {
      case List<?> list -> list.stream().map(String::valueOf).toList();
      case Map<?, ?> map -> map.values().stream().map(String::valueOf).toList();
      case null, default ->
          throw new IllegalArgumentException(dir.resolve("data.yaml") + " has no 'names'");
    };
  }

  private List<GroundTruth> objects(Path photo, List<String> own, List<String> wanted)
      throws IOException {
    String id = String.valueOf(photo.getFileName()).replaceFirst("\\.[^.]*$", "");
    Path file = photo.resolveSibling("../labels/" + id + ".txt").normalize();
    if (!Files.exists(file)) {
      return List.of();
    }
    Dimension size = size(photo);
    List<GroundTruth> objects = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      String[] fields = line.strip().split("\\s+", -1);
      if (line.isBlank()) {
        continue;
      }
      try {
        int classId = Integer.parseInt(fields[0]);
        double w = Double.parseDouble(fields[3]) * size.width;
        double h = Double.parseDouble(fields[4]) * size.height;
        double x = Double.parseDouble(fields[1]) * size.width - w / 2;
        double y = Double.parseDouble(fields[2]) * size.height - h / 2;
        int id2 = classId >= 0 && classId < own.size() ? wanted.indexOf(own.get(classId)) : -1;
        if (id2 < 0 || w <= 0 || h <= 0) {
          problems.accept("%s:%d: unknown class or no area: %s".formatted(file, number, line));
        } else {
          BoundingBox box = new BoundingBox((float) x, (float) y, (float) (x + w), (float) (y + h));
          objects.add(new GroundTruth(id2, box, false));
        }
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        problems.accept(
            "%s:%d: expected 'class x y width height', got: %s".formatted(file, number, line));
      }
    }
    return objects;
  }

  private static Dimension size(Path photo) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(photo.toFile())) {
      var readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException(photo + " is not a photo");
      }
      ImageReader reader = readers.next();
      reader.setInput(in);
      try {
        return new Dimension(reader.getWidth(0), reader.getHeight(0));
      } finally {
        reader.dispose();
      }
    }
  }
}
