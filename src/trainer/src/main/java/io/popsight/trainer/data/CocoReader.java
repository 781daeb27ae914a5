package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * COCO layout: one JSON file a split, {@code annotations/instances_SPLIT.json} with the photos in
 * {@code SPLIT} or {@code images/SPLIT}, or {@code SPLIT/_annotations.coco.json} beside the photos.
 * Crowds become difficult objects.
 */
final class CocoReader {

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  CocoReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  /** A photo's entry and the objects that name it. */
  private record Entry(Path file, List<JsonNode> annotations) {}

  DataSet read(String split) throws IOException {
    Path index =
        first(
            "annotations of split '%s'".formatted(split),
            Files::isRegularFile,
            dir.resolve("annotations").resolve("instances_" + split + ".json"),
            dir.resolve("annotations").resolve(split + ".json"),
            dir.resolve(split).resolve("_annotations.coco.json"));
    Path photos =
        first(
            "folder with the photos of split '%s'".formatted(split),
            Files::isDirectory,
            dir.resolve(split),
            dir.resolve("images").resolve(split),
            dir.resolve("images"));
    JsonNode root = parse(index);
    SequencedMap<Integer, String> names = new LinkedHashMap<>();
    for (JsonNode category : root.path("categories")) {
      names.put(category.path("id").asInt(-1), category.path("name").asString(""));
    }
    List<String> wanted = labels.isEmpty() ? List.copyOf(names.values()) : labels;
    List<Entry> entries = entries(root, photos, index);
    List<LabeledPhoto> labeled =
        PhotoReading.inOrder(
            entries, (entry, told) -> read(entry, names, wanted, index, told), problems);
    return new DataSet(String.valueOf(dir.getFileName()), wanted, labeled);
  }

  private List<Entry> entries(JsonNode root, Path photos, Path index) {
    SequencedMap<Long, Entry> byId = new LinkedHashMap<>();
    Map<Path, Long> files = new HashMap<>();
    for (JsonNode image : root.path("images")) {
      long id = image.path("id").asLong(-1);
      Path file = photos.resolve(image.path("file_name").asString("")).normalize();
      if (!file.startsWith(photos) || file.equals(photos)) {
        problems.accept("%s: image %d: file_name leaves %s".formatted(index, id, photos));
      } else if (byId.putIfAbsent(id, new Entry(file, new ArrayList<>())) != null
          || files.put(file, id) != null) {
        problems.accept("%s: image %d: id or file is there twice".formatted(index, id));
      }
    }
    for (JsonNode annotation : root.path("annotations")) {
      Entry entry = byId.get(annotation.path("image_id").asLong(-1));
      if (entry == null) {
        problems.accept(
            "%s: annotation %s: no image of id %s"
                .formatted(index, annotation.path("id"), annotation.path("image_id")));
      } else {
        entry.annotations().add(annotation);
      }
    }
    return List.copyOf(byId.values());
  }

  private static Optional<LabeledPhoto> read(
      Entry entry,
      Map<Integer, String> names,
      List<String> wanted,
      Path index,
      Consumer<String> told) {
    PhotoSize size;
    try {
      size = PhotoSize.of(entry.file());
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
    List<GroundTruth> objects = new ArrayList<>();
    for (JsonNode annotation : entry.annotations()) {
      try {
        objects.add(object(annotation, names, wanted, size));
      } catch (IllegalArgumentException e) {
        told.accept(
            "%s: annotation %s: %s".formatted(index, annotation.path("id"), e.getMessage()));
      }
    }
    return Optional.of(new LabeledPhoto(entry.file(), objects));
  }

  private static GroundTruth object(
      JsonNode annotation, Map<Integer, String> names, List<String> wanted, PhotoSize size) {
    String name = names.getOrDefault(annotation.path("category_id").asInt(-1), "");
    if (!wanted.contains(name)) {
      throw new IllegalArgumentException(
          "unknown class %s '%s'; known: %s"
              .formatted(annotation.path("category_id"), name, wanted));
    }
    JsonNode sides = annotation.path("bbox");
    float[] v = new float[4];
    for (int i = 0; i < v.length; i++) {
      double value = sides.path(i).asDouble(Double.NaN);
      if (sides.size() != v.length || !Double.isFinite(value)) {
        throw new IllegalArgumentException("bbox %s is not [x, y, width, height]".formatted(sides));
      }
      v[i] = (float) value;
    }
    if (v[2] <= 0 || v[3] <= 0) {
      throw new IllegalArgumentException("the box of a %s has no area".formatted(name));
    }
    BoundingBox box = size.clip(new BoundingBox(v[0], v[1], v[0] + v[2], v[1] + v[3]));
    if (box.area() <= 0) {
      throw new IllegalArgumentException(
          "the box of a %s lies outside the picture".formatted(name));
    }
    boolean crowd = annotation.path("iscrowd").asInt(0) != 0;
    return new GroundTruth(wanted.indexOf(name), box, crowd);
  }

  private static JsonNode parse(Path index) throws IOException {
    try {
      return new JsonMapper().readTree(Files.readString(index));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("%s: %s".formatted(index, e.getOriginalMessage()), e);
    }
  }

  private static Path first(String what, java.util.function.Predicate<Path> fits, Path... places) {
    for (Path place : places) {
      if (fits.test(place)) {
        return place;
      }
    }
    throw new IllegalArgumentException("no %s; looked at %s".formatted(what, List.of(places)));
  }
}
