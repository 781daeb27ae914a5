package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.PhotoFolder;
import io.popsight.imaging.PhotoRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * PASCAL VOC layout: {@code ImageSets/Main/SPLIT.txt}, {@code Annotations/ID.xml}, {@code
 * JPEGImages/ID.jpg}, the photo also with another ending, or in {@code images}. Without {@code
 * ImageSets} every photo is in each split of a usual name. VOC counts pixels from 1 and includes
 * the last one; boxes come out as edges.
 */
final class VocReader {

  private static final String ROOT = "annotation";

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  VocReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  DataSet read(String split) throws IOException {
    Set<String> annotated = annotated();
    List<String> names = labels.isEmpty() ? ownLabels(annotated) : labels;
    SequencedMap<String, Path> photosById = photosById();
    Path lists = dir.resolve("ImageSets/Main");
    Path list = lists.resolve(split + ".txt");
    boolean listed = Files.isDirectory(dir.resolve("ImageSets"));
    if (listed && Files.isDirectory(lists) && !Files.exists(list)) {
      throw new IllegalArgumentException(
          "no split '%s'; there are %s in %s".formatted(split, splits(lists), lists));
    }
    if (!listed && !YoloIndex.USUAL.contains(split)) {
      throw new IllegalArgumentException(
          "no split '%s'; without %s there are %s".formatted(split, list, YoloIndex.USUAL));
    }
    List<String> ids = listed ? listedIn(list, annotated) : List.copyOf(annotated);
    List<LabeledPhoto> photos =
        PhotoReading.inOrder(ids, (id, told) -> read(id, photosById, names, told), problems);
    if (!listed) {
      Set<Path> read = photos.stream().map(LabeledPhoto::photo).collect(Collectors.toSet());
      photosById.forEach(
          (id, photo) -> {
            if (!annotated.contains(id) && !read.contains(photo)) {
              problems.accept(photo + ": the annotation is missing");
            }
          });
    }
    return new DataSet(String.valueOf(dir.getFileName()), names, photos);
  }

  private static List<String> listedIn(Path list, Set<String> annotated) throws IOException {
    return TextFile.lines(list).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(line -> id(line, annotated))
        .toList();
  }

  /** What a line names: VOC's lists of a class end in 1, 0 or -1, others' have the photo's name. */
  private static String id(String line, Set<String> annotated) {
    String id = line.replaceFirst("\\s+(-1|0|1)$", "");
    return Stream.of(line, id)
        .filter(annotated::contains)
        .findFirst()
        .orElse(PhotoFolder.isNamedAsPhoto(Path.of(id)) ? stem(id) : id);
  }

  private Path annotation(String id) {
    return dir.resolve("Annotations").resolve(id + ".xml");
  }

  private static String stem(String file) {
    return file.replaceFirst("\\.[^.]*$", "");
  }

  /** Names that annotations are there for, sorted. */
  private Set<String> annotated() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("Annotations"))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> file.endsWith(".xml") && !file.startsWith("."))
          .map(VocReader::stem)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** The photos by name without ending, those named as VOC has them first. */
  private SequencedMap<String, Path> photosById() throws IOException {
    List<Path> photos = new ArrayList<>();
    for (Path folder : photoFolders()) {
      if (Files.isDirectory(folder)) {
        photos.addAll(new PhotoFolder(folder).photos());
      }
    }
    photos.sort(Comparator.comparing(photo -> !photo.toString().endsWith(".jpg")));
    SequencedMap<String, Path> byId = new LinkedHashMap<>();
    photos.forEach(photo -> byId.putIfAbsent(stem(String.valueOf(photo.getFileName())), photo));
    return byId;
  }

  private List<Path> photoFolders() {
    return List.of(dir.resolve("JPEGImages"), dir.resolve("images"));
  }

  /** VOC lists each class of a split beside it, as in {@code bus_train.txt}. */
  private static List<String> splits(Path lists) throws IOException {
    try (Stream<Path> files = Files.list(lists)) {
      List<String> names =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(file -> file.endsWith(".txt"))
              .map(file -> file.substring(0, file.length() - ".txt".length()))
              .sorted()
              .toList();
      return names.stream()
          .filter(name -> names.stream().noneMatch(split -> name.endsWith("_" + split)))
          .toList();
    }
  }

  /** Every class that any annotation of the folder names, sorted: the same for each split. */
  private List<String> ownLabels(Set<String> annotated) throws IOException {
    SortedSet<String> names = new TreeSet<>();
    for (String id : annotated) {
      try {
        VocXml root = VocXml.parse(annotation(id));
        if (isAnnotation(root)) {
          root.children("object").forEach(object -> names.add(object.text("name")));
        }
      } catch (SAXException told) {
        // Told when the file's own split is read.
      }
    }
    names.remove("");
    return List.copyOf(names);
  }

  private Optional<LabeledPhoto> read(
      String id, Map<String, Path> photosById, List<String> names, Consumer<String> told)
      throws IOException {
    Path file = annotation(id);
    if (!Files.exists(file)) {
      told.accept(file + ": the annotation is missing");
    } else if (Files.size(file) == 0) {
      told.accept(file + ": the file is empty");
    } else {
      return read(Optional.ofNullable(photosById.get(id)), id, file, names, told);
    }
    return Optional.empty();
  }

  private Optional<LabeledPhoto> read(
      Optional<Path> known, String id, Path file, List<String> names, Consumer<String> told)
      throws IOException {
    try {
      VocXml annotation = VocXml.parse(file);
      if (!isAnnotation(annotation)) {
        told.accept(
            "%s:%d: expected <%s>, found <%s>"
                .formatted(file, annotation.line(), ROOT, annotation.name()));
        return Optional.empty();
      }
      Path usual = photoFolders().getFirst().resolve(id + ".jpg");
      Path photo = known.or(() -> named(annotation)).orElse(usual);
      if (!Files.exists(photo)) {
        told.accept(photo + ": the picture is missing");
        return Optional.empty();
      }
      PhotoSize size = PhotoSize.of(photo);
      if (sizeIsRight(annotation, file, size, told)) {
        return Optional.of(new LabeledPhoto(photo, objects(annotation, file, size, names, told)));
      }
    } catch (SAXParseException e) {
      told.accept("%s:%d: broken XML: %s".formatted(file, e.getLineNumber(), e.getMessage()));
    } catch (SAXException e) {
      told.accept("%s: broken XML: %s".formatted(file, e.getMessage()));
    } catch (PhotoRefusedException e) {
      told.accept(e.getMessage());
    }
    return Optional.empty();
  }

  /** Of what name the root is says little where it has what annotations have. */
  private static boolean isAnnotation(VocXml root) {
    return root.name().equals(ROOT)
        || !root.children("object").isEmpty()
        || !root.children("size").isEmpty();
  }

  /**
   * The photo that an annotation names; a folder before the name is of another machine. One with an
   * annotation of its own is no other's: names are copied with templates.
   */
  private Optional<Path> named(VocXml annotation) {
    String name = annotation.text("filename").replaceFirst("^.*[/\\\\]", "");
    if (Files.exists(annotation(stem(name)))) {
      return Optional.empty();
    }
    return photoFolders().stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Files without a size are fine. */
  private static boolean sizeIsRight(
      VocXml annotation, Path file, PhotoSize size, Consumer<String> told) {
    for (VocXml written : annotation.children("size")) {
      float width = written.number("width");
      float height = written.number("height");
      Optional<String> fault = size.otherThan(width, height);
      if (fault.isPresent()) {
        told.accept("%s:%d: %s".formatted(file, written.line(), fault.get()));
        return false;
      }
    }
    return true;
  }

  private static List<GroundTruth> objects(
      VocXml annotation, Path file, PhotoSize size, List<String> names, Consumer<String> told) {
    MarkedObjects objects = new MarkedObjects(size, told);
    for (VocXml object : annotation.children("object")) {
      String name = object.text("name");
      int classId = names.indexOf(name);
      List<VocXml> boxes = object.children("bndbox");
      if (classId < 0) {
        told.accept(
            "%s:%d: %s"
                .formatted(file, object.line(), UnknownClasses.text("'" + name + "'", names)));
      } else if (boxes.isEmpty()) {
        told.accept("%s:%d: a %s without a box".formatted(file, object.line(), name));
      } else {
        BoundingBox box = box(boxes.getFirst());
        String place = "%s:%d".formatted(file, boxes.getFirst().line());
        String written = written(boxes.getFirst());
        String fault = fault(box);
        if (fault.isEmpty()) {
          boolean difficult = object.text("difficult").equals("1");
          objects.add(place, name, new GroundTruth(classId, box, difficult), written);
        } else {
          told.accept("%s: the box of a %s %s: %s".formatted(place, name, fault, written));
        }
      }
    }
    return objects.all();
  }

  private static BoundingBox box(VocXml element) {
    return new BoundingBox(
        element.number("xmin") - 1,
        element.number("ymin") - 1,
        element.number("xmax"),
        element.number("ymax"));
  }

  private static String written(VocXml box) {
    return Stream.of("xmin", "ymin", "xmax", "ymax")
        .map(name -> name + "=" + box.text(name))
        .collect(Collectors.joining(", "));
  }

  private static String fault(BoundingBox box) {
    if (!Float.isFinite(box.xMin() + box.yMin() + box.xMax() + box.yMax())) {
      return "lacks a number";
    }
    // As edges, corners written equal are one pixel apart; nobody marks one pixel, it is a slip.
    return box.width() <= 1 || box.height() <= 1 ? "is inverted or has no area" : "";
  }
}
