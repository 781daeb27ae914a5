package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * PASCAL VOC layout: {@code ImageSets/Main/SPLIT.txt}, {@code Annotations/ID.xml}, {@code
 * JPEGImages/ID.jpg}. VOC counts pixels from 1 and includes the last one; boxes come out as edges.
 */
final class VocReader {

  private final Path dir;
  private final List<String> labels;
  private final Consumer<String> problems;

  VocReader(Path dir, List<String> labels, Consumer<String> problems) {
    this.dir = dir;
    this.labels = labels;
    this.problems = problems;
  }

  DataSet read(String split) throws IOException {
    List<String> names = labels.isEmpty() ? ownLabels() : labels;
    List<LabeledPhoto> photos = new ArrayList<>();
    Path list = dir.resolve("ImageSets/Main").resolve(split + ".txt");
    for (String line : Files.readAllLines(list)) {
      String id = line.strip().split("\\s+", 2)[0];
      if (!id.isEmpty()) {
        read(id, names, photos);
      }
    }
    return new DataSet(String.valueOf(dir.getFileName()), names, photos);
  }

  /** Every class that any annotation of the folder names, sorted: the same for each split. */
  private List<String> ownLabels() throws IOException {
    SortedSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(dir.resolve("Annotations"))) {
      for (Path file : files.sorted().toList()) {
        try {
          for (Element object : children(parse(file), "object")) {
            names.add(text(object, "name"));
          }
        } catch (SAXException told) {
          // Told when the file's own split is read.
        }
      }
    }
    return List.copyOf(names);
  }

  private void read(String id, List<String> names, List<LabeledPhoto> photos) throws IOException {
    Path file = dir.resolve("Annotations").resolve(id + ".xml");
    Path photo = dir.resolve("JPEGImages").resolve(id + ".jpg");
    if (!Files.exists(photo)) {
      problems.accept(photo + ": the picture is missing");
      return;
    }
    if (!Files.exists(file)) {
      problems.accept(file + ": the annotation is missing");
      return;
    }
    try {
      photos.add(new LabeledPhoto(photo, objects(file, parse(file), names)));
    } catch (SAXException e) {
      problems.accept(
          file
              + ": "
              + (Files.size(file) == 0 ? "the file is empty" : "broken XML: " + e.getMessage()));
    }
  }

  private List<GroundTruth> objects(Path file, Element annotation, List<String> names) {
    List<Element> sizes = children(annotation, "size");
    float width = sizes.isEmpty() ? 0 : number(sizes.getFirst(), "width");
    float height = sizes.isEmpty() ? 0 : number(sizes.getFirst(), "height");
    List<GroundTruth> objects = new ArrayList<>();
    for (Element object : children(annotation, "object")) {
      String name = text(object, "name");
      int classId = names.indexOf(name);
      List<Element> boxes = children(object, "bndbox");
      if (classId < 0) {
        problems.accept("%s: unknown class '%s'; known: %s".formatted(file, name, names));
      } else if (boxes.isEmpty()) {
        problems.accept("%s: a %s without a box".formatted(file, name));
      } else {
        BoundingBox told = box(boxes.getFirst());
        BoundingBox box = inside(told, width, height);
        if (told.xMax() <= told.xMin() || told.yMax() <= told.yMin()) {
          problems.accept(
              "%s: the box of a %s is inverted or has no area: %s".formatted(file, name, told));
        } else if (box.area() <= 0) {
          problems.accept(
              "%s: the box of a %s lies outside the picture: %s".formatted(file, name, told));
        } else {
          objects.add(new GroundTruth(classId, box, text(object, "difficult").equals("1")));
        }
      }
    }
    return objects;
  }

  private static BoundingBox box(Element element) {
    return new BoundingBox(
        number(element, "xmin") - 1,
        number(element, "ymin") - 1,
        number(element, "xmax"),
        number(element, "ymax"));
  }

  private static BoundingBox inside(BoundingBox box, float width, float height) {
    if (width <= 0 || height <= 0) {
      return box;
    }
    return new BoundingBox(
        Math.clamp(box.xMin(), 0, width),
        Math.clamp(box.yMin(), 0, height),
        Math.clamp(box.xMax(), 0, width),
        Math.clamp(box.yMax(), 0, height));
  }

  private static Element parse(Path file) throws IOException, SAXException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(file.toFile()).getDocumentElement();
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = parent.getElementsByTagName(name);
    for (int i = 0; i < nodes.getLength(); i++) {
      if (nodes.item(i) instanceof Element element && parent.isSameNode(element.getParentNode())) {
        found.add(element);
      }
    }
    return found;
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
  }

  private static float number(Element parent, String name) {
    try {
      return Float.parseFloat(text(parent, name));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
