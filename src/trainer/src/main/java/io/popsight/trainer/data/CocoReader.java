package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.PhotoFolder;
import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * COCO layout: one JSON file a split, {@code annotations/instances_SPLIT.json} with the photos in
 * {@code SPLIT} or {@code images/SPLIT}, or {@code SPLIT/_annotations.coco.json} beside the photos;
 * or a single file for all. Names of photos may begin with folders of the data set. Crowds become
 * difficult objects that nothing is learned from.
 */
final class CocoReader {

  private static final Pattern DIGITS = Pattern.compile("-?(0|[1-9]\\d*)(\\.0+)?");

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
  private record Entry(CocoFile.Item image, Path file, List<CocoFile.Item> annotations) {}

  DataSet read(String split) throws IOException {
    CocoIndex index = CocoIndex.find(dir, split);
    CocoFile root = CocoFile.read(index.file());
    SequencedMap<String, String> names = names(root);
    List<String> wanted = labels.isEmpty() ? List.copyOf(names.values()) : labels;
    List<Entry> entries = entries(root, index);
    requireSome(entries, index);
    List<LabeledPhoto> labeled =
        PhotoReading.inOrder(entries, (entry, told) -> read(entry, names, wanted, told), problems);
    return new DataSet(String.valueOf(dir.getFileName()), wanted, labeled);
  }

  /**
   * Names of the classes by id. What Roboflow exports begins with a category for the project, which
   * the others are under and no object is of: it is no class.
   */
  private static SequencedMap<String, String> names(CocoFile file) {
    Set<String> used =
        file.list("annotations").stream()
            .map(annotation -> id(annotation.json().path("category_id")))
            .collect(Collectors.toSet());
    Set<String> above =
        file.list("categories").stream().map(CocoReader::above).collect(Collectors.toSet());
    SequencedMap<String, String> names = new LinkedHashMap<>();
    Map<String, String> seen = new HashMap<>();
    for (CocoFile.Item category : file.list("categories")) {
      String id = id(category.json().path("id"));
      String name = category.json().path("name").asString("");
      String before = seen.putIfAbsent(id, name);
      if (id.isEmpty() || (before != null && !before.equals(name))) {
        throw new IllegalArgumentException(
            id.isEmpty()
                ? "%s: the category '%s' has no id".formatted(category.place(), name)
                : "%s: the id of the category '%s' is that of '%s', too"
                    .formatted(place(category), name, before));
      }
      boolean project = above(category).equals(NOTHING_ABOVE) && above.contains(name);
      if (used.contains(id) || !project) {
        names.put(id, name);
      }
    }
    return names;
  }

  /** A number is the same id however it is written: 1, 1.0 or "1". Empty where there is none. */
  private static String id(JsonNode json) {
    String text = json.asString("").strip();
    boolean number = json.isNumber() || DIGITS.matcher(text).matches();
    return number ? new BigDecimal(text).stripTrailingZeros().toString() : text;
  }

  private static String above(CocoFile.Item category) {
    return category.json().path("supercategory").asString("");
  }

  private List<Entry> entries(CocoFile root, CocoIndex index) throws IOException {
    SequencedMap<String, Entry> byId = new LinkedHashMap<>();
    Set<Path> files = new HashSet<>();
    Set<Path> named = new HashSet<>();
    for (CocoFile.Item image : root.list("images")) {
      String id = id(image.json().path("id"));
      String name = image.json().path("file_name").asString("");
      Optional<Path> file = index.photo(name);
      file.ifPresent(named::add);
      if (name.isBlank()) {
        problems.accept("%s: the photo has no file_name".formatted(place(image)));
      } else if (file.isEmpty()) {
        problems.accept("%s: file_name leaves %s: %s".formatted(place(image), dir, name));
      } else if (id.isEmpty()) {
        problems.accept("%s: the photo has no id".formatted(image.place()));
      } else if (byId.putIfAbsent(id, new Entry(image, file.get(), new ArrayList<>())) != null
          || !files.add(file.get())) {
        problems.accept("%s: id or file is there twice".formatted(place(image)));
      }
    }
    for (CocoFile.Item annotation : root.list("annotations")) {
      JsonNode image = annotation.json().path("image_id");
      Entry entry = byId.get(id(image));
      if (entry == null) {
        problems.accept("%s: no image of id %s".formatted(place(annotation), image));
      } else {
        entry.annotations().add(annotation);
      }
    }
    tellUnnamed(named, index);
    return List.copyOf(byId.values());
  }

  /** Where no photo is found at all, one sentence says more than one for each. */
  private static void requireSome(List<Entry> entries, CocoIndex index) {
    if (entries.stream().map(Entry::file).noneMatch(Files::isRegularFile)) {
      throw new IllegalArgumentException(
          entries.isEmpty()
              ? index.file() + " has no photos under 'images' that can be used"
              : "none of the %d photos of %s is there; looked for '%s' in %s"
                  .formatted(
                      entries.size(),
                      index.file(),
                      entries.getFirst().image().json().path("file_name").asString(""),
                      index.folders()));
    }
  }

  /** Photos that lie among those of the split and are not learned from. */
  private void tellUnnamed(Set<Path> named, CocoIndex index) throws IOException {
    Set<Path> folders =
        named.stream()
            .map(file -> file.resolveSibling(""))
            .collect(Collectors.toCollection(TreeSet::new));
    for (Path folder : folders) {
      if (index.owns(folder) && Files.isDirectory(folder)) {
        List<String> unnamed =
            new PhotoFolder(folder)
                .photos().stream()
                    .filter(photo -> !named.contains(photo))
                    .map(photo -> String.valueOf(photo.getFileName()))
                    .toList();
        if (!unnamed.isEmpty()) {
          problems.accept(
              "%s: %d photos are not in %s: %s"
                  .formatted(folder, unnamed.size(), index.file(), CocoIndex.firstOf(unnamed)));
        }
      }
    }
  }

  private static Optional<LabeledPhoto> read(
      Entry entry, Map<String, String> names, List<String> wanted, Consumer<String> told) {
    PhotoSize size;
    try {
      size = PhotoSize.of(entry.file());
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
      return Optional.empty();
    }
    if (!sizeIsRight(entry.image(), size, told)) {
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

  /** Entries without a size are fine. */
  private static boolean sizeIsRight(CocoFile.Item image, PhotoSize size, Consumer<String> told) {
    double width = image.json().path("width").asDouble(0);
    double height = image.json().path("height").asDouble(0);
    Optional<String> fault = size.otherThan(width, height);
    fault.ifPresent(said -> told.accept("%s: %s".formatted(place(image), said)));
    return fault.isEmpty();
  }

  private static String place(CocoFile.Item item) {
    return "%s, id %s".formatted(item.place(), item.json().path("id"));
  }

  private static GroundTruth object(
      JsonNode annotation, Map<String, String> names, List<String> wanted) {
    String name = names.getOrDefault(id(annotation.path("category_id")), "");
    if (!wanted.contains(name)) {
      throw new IllegalArgumentException(
          UnknownClasses.text("%s '%s'".formatted(annotation.path("category_id"), name), wanted));
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
}
