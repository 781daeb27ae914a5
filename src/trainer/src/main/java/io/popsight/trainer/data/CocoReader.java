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
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * COCO layout: one JSON file a split, {@code annotations/instances_SPLIT.json} with the photos in
 * {@code SPLIT} or {@code images/SPLIT}, or {@code SPLIT/_annotations.coco.json} beside the photos.
 * Crowds become difficult objects that nothing is learned from.
 */
final class CocoReader {

  private static final Pattern INDEX =
      Pattern.compile("annotations/(?:instances_)?(.+)\\.json|(.+)/_annotations\\.coco\\.json");

  private static final String NOTHING_ABOVE = "none";

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  CocoReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  /** A photo's entry and the objects that name it. */
  private record Entry(Path file, List<CocoFile.Item> annotations) {}

  DataSet read(String split) throws IOException {
    List<Path> indexes =
        List.of(
            dir.resolve("annotations").resolve("instances_" + split + ".json"),
            dir.resolve("annotations").resolve(split + ".json"),
            dir.resolve(split).resolve("_annotations.coco.json"));
    Optional<Path> index = indexes.stream().filter(Files::isRegularFile).findFirst();
    if (index.isEmpty()) {
      throw new IllegalArgumentException(
          "no annotations of split '%s'; there are %s; looked at %s"
              .formatted(split, splits(), indexes));
    }
    List<Path> folders =
        List.of(dir.resolve(split), dir.resolve("images").resolve(split), dir.resolve("images"));
    Path photos =
        folders.stream()
            .filter(Files::isDirectory)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no folder with the photos of split '%s'; looked at %s"
                            .formatted(split, folders)));
    CocoFile root = CocoFile.read(index.get());
    SequencedMap<Integer, String> names = names(root);
    List<String> wanted = labels.isEmpty() ? List.copyOf(names.values()) : labels;
    List<Entry> entries = entries(root, photos);
    List<LabeledPhoto> labeled =
        PhotoReading.inOrder(entries, (entry, told) -> read(entry, names, wanted, told), problems);
    return new DataSet(String.valueOf(dir.getFileName()), wanted, labeled);
  }

  /**
   * Names of the classes by id. What Roboflow exports begins with a category for the project, which
   * the others are under and no object is of: it is no class.
   */
  private static SequencedMap<Integer, String> names(CocoFile file) {
    Set<Integer> used =
        file.list("annotations").stream()
            .map(annotation -> annotation.json().path("category_id").asInt(-1))
            .collect(Collectors.toSet());
    Set<String> above =
        file.list("categories").stream().map(CocoReader::above).collect(Collectors.toSet());
    SequencedMap<Integer, String> names = new LinkedHashMap<>();
    for (CocoFile.Item category : file.list("categories")) {
      int id = category.json().path("id").asInt(-1);
      String name = category.json().path("name").asString("");
      boolean project = above(category).equals(NOTHING_ABOVE) && above.contains(name);
      if (used.contains(id) || !project) {
        names.put(id, name);
      }
    }
    return names;
  }

  private static String above(CocoFile.Item category) {
    return category.json().path("supercategory").asString("");
  }

  private List<Entry> entries(CocoFile root, Path photos) {
    SequencedMap<Long, Entry> byId = new LinkedHashMap<>();
    Map<Path, Long> files = new HashMap<>();
    for (CocoFile.Item image : root.list("images")) {
      long id = image.json().path("id").asLong(-1);
      Path file = photos.resolve(image.json().path("file_name").asString("")).normalize();
      if (!file.startsWith(photos) || file.equals(photos)) {
        problems.accept("%s, id %d: file_name leaves %s".formatted(image.place(), id, photos));
      } else if (byId.putIfAbsent(id, new Entry(file, new ArrayList<>())) != null
          || files.put(file, id) != null) {
        problems.accept("%s, id %d: id or file is there twice".formatted(image.place(), id));
      }
    }
    for (CocoFile.Item annotation : root.list("annotations")) {
      JsonNode image = annotation.json().path("image_id");
      Entry entry = byId.get(image.asLong(-1));
      if (entry == null) {
        problems.accept("%s: no image of id %s".formatted(place(annotation), image));
      } else {
        entry.annotations().add(annotation);
      }
    }
    return List.copyOf(byId.values());
  }

  private static Optional<LabeledPhoto> read(
      Entry entry, Map<Integer, String> names, List<String> wanted, Consumer<String> told) {
    PhotoSize size;
    try {
      size = PhotoSize.of(entry.file());
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
    MarkedObjects objects = new MarkedObjects(size, told);
    for (CocoFile.Item annotation : entry.annotations()) {
      try {
        GroundTruth object = object(annotation.json(), names, wanted);
        String written = annotation.json().path("bbox").toString();
        objects.add(place(annotation), wanted.get(object.classId()), object, written);
      } catch (IllegalArgumentException e) {
        told.accept("%s: %s".formatted(place(annotation), e.getMessage()));
      }
    }
    return Optional.of(new LabeledPhoto(entry.file(), objects.all()));
  }

  private static String place(CocoFile.Item annotation) {
    return "%s, id %s".formatted(annotation.place(), annotation.json().path("id"));
  }

  private static GroundTruth object(
      JsonNode annotation, Map<Integer, String> names, List<String> wanted) {
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
    BoundingBox box = new BoundingBox(v[0], v[1], v[0] + v[2], v[1] + v[3]);
    boolean crowd = annotation.path("iscrowd").asInt(0) != 0;
    return new GroundTruth(wanted.indexOf(name), box, crowd, crowd);
  }

  /** Names that annotations are there for. */
  private Set<String> splits() throws IOException {
    try (Stream<Path> files = Files.find(dir, 2, (_, is) -> is.isRegularFile())) {
      return files
          .map(file -> dir.relativize(file).toString().replace('\\', '/'))
          .map(INDEX::matcher)
          .filter(Matcher::matches)
          .map(m -> m.group(1) == null ? m.group(2) : m.group(1))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
