package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.List;
import java.util.Optional;

/**
 * Where a photo lies in a sample: {@code x' = ax * x + bx}, {@code y' = ay * y + by}; a negative
 * factor mirrors.
 */
record Placement(double ax, double bx, double ay, double by) {

  private static final double VISIBLE_SHARE = 0.2;
  private static final double VISIBLE_PIXELS = 2;

  /** Objects moved along, clipped to a window of the sample; those hardly visible are dropped. */
  List<GroundTruth> move(List<GroundTruth> objects, BoundingBox window) {
    return objects.stream().map(o -> move(o, window)).flatMap(Optional::stream).toList();
  }

  private Optional<GroundTruth> move(GroundTruth object, BoundingBox window) {
    BoundingBox b = object.box();
    double x0 = ax * b.xMin() + bx;
    double x1 = ax * b.xMax() + bx;
    double y0 = ay * b.yMin() + by;
    double y1 = ay * b.yMax() + by;
    BoundingBox whole =
        new BoundingBox(
            (float) Math.min(x0, x1),
            (float) Math.min(y0, y1),
            (float) Math.max(x0, x1),
            (float) Math.max(y0, y1));
    BoundingBox seen =
        new BoundingBox(
            Math.max(whole.xMin(), window.xMin()),
            Math.max(whole.yMin(), window.yMin()),
            Math.min(whole.xMax(), window.xMax()),
            Math.min(whole.yMax(), window.yMax()));
    boolean visible =
        seen.area() >= VISIBLE_SHARE * whole.area()
            && seen.width() >= VISIBLE_PIXELS
            && seen.height() >= VISIBLE_PIXELS;
    return visible
        ? Optional.of(new GroundTruth(object.classId(), seen, object.difficult()))
        : Optional.empty();
  }
}
