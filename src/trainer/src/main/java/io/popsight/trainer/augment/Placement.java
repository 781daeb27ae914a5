package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.List;

/**
 * Where a photo lies in a sample: {@code x' = ax * x + bx}, {@code y' = ay * y + by}; a negative
 * factor mirrors.
 */
record Placement(double ax, double bx, double ay, double by) {

  private static final double VISIBLE_SHARE = 0.2;
  private static final double VISIBLE_PIXELS = 2;

  /** Edges are floats. */
  private static final double WHOLE = 0.999;

  /**
   * An object in the sample.
   *
   * @param whole its box, part of which may lie outside the window
   * @param seen what of it lies inside
   */
  private record Moved(GroundTruth object, BoundingBox whole, BoundingBox seen) {}

  /** As seen from elsewhere. */
  Placement movedBy(double x, double y) {
    return new Placement(ax, bx + x, ay, by + y);
  }

  /**
   * Objects moved along, clipped to a window of the sample; those hardly visible are dropped, but
   * not for being thin where the photo is no wider itself.
   *
   * @param width of the photo, before it is moved
   * @param height of the photo, before it is moved
   */
  List<GroundTruth> move(List<GroundTruth> objects, BoundingBox window, int width, int height) {
    double leastWidth = Math.min(VISIBLE_PIXELS, WHOLE * Math.abs(ax) * width);
    double leastHeight = Math.min(VISIBLE_PIXELS, WHOLE * Math.abs(ay) * height);
    return objects.stream()
        .map(o -> move(o, window))
        .filter(
            m ->
                m.seen().width() >= leastWidth
                    && m.seen().height() >= leastHeight
                    && m.seen().area() >= VISIBLE_SHARE * m.whole().area())
        .map(m -> new GroundTruth(m.object().classId(), m.seen(), m.object().difficult()))
        .toList();
  }

  private Moved move(GroundTruth object, BoundingBox window) {
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
    return new Moved(object, whole, seen);
  }
}
