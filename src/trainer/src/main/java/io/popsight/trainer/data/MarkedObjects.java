package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The objects of one photo as a reader collects them, with a look at where each box lies. */
final class MarkedObjects {

  /** Pixels over the edge that come of rounding, or of counting from 0 or 1. */
  private static final float ROUNDING = 1.01f;

  /** Pixels of a side that shares mean as nothing, such as 0.00001 of a photo. */
  private static final float NO_SIDE = 0.01f;

  private final PhotoSize size;
  private final Consumer<String> problems;
  private final List<GroundTruth> objects = new ArrayList<>();
  private final Map<Box, String> places = new HashMap<>();

  MarkedObjects(PhotoSize size, Consumer<String> problems) {
    this.size = size;
    this.problems = problems;
  }

  private record Box(int classId, BoundingBox box) {}

  /**
   * Adds what lies on the photo, cut at its edges.
   *
   * @param place in the label file, such as {@code a.txt:3}
   * @param name of the class
   * @param written the box as the file has it
   */
  void add(String place, String name, GroundTruth object, String written) {
    BoundingBox box = object.box();
    BoundingBox clipped = size.clip(box);
    if (box.width() < NO_SIDE || box.height() < NO_SIDE) {
      problems.accept("%s: the box of a %s has no area: %s".formatted(place, name, written));
      return;
    }
    if (clipped.area() <= 0) {
      problems.accept(
          "%s: the box of a %s lies outside the picture: %s".formatted(place, name, written));
      return;
    }
    float over =
        Math.max(
            Math.max(-box.xMin(), -box.yMin()),
            Math.max(box.xMax() - size.width(), box.yMax() - size.height()));
    if (over > ROUNDING) {
      problems.accept(
          "%s: the box of a %s reaches %.0f pixels over the edge of the picture (%s): %s"
              .formatted(place, name, over, size, written));
    }
    String before = places.putIfAbsent(new Box(object.classId(), clipped), place);
    if (before != null) {
      problems.accept("%s: the same box of a %s as at %s".formatted(place, name, before));
    }
    objects.add(new GroundTruth(object.classId(), clipped, object.difficult(), object.crowd()));
  }

  List<GroundTruth> all() {
    return List.copyOf(objects);
  }
}
