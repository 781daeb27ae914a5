package io.popsight.trainer.evaluate;

import io.popsight.geometry.BoundingBox;

/**
 * Overlaps of boxes in double: a float's 0.7 is below the threshold 0.7, and a box just good enough
 * would fail.
 */
final class Overlap {

  private Overlap() {}

  /** Intersection over union, 0 to 1. */
  static double iou(BoundingBox a, BoundingBox b) {
    double both = both(a, b);
    double either = area(a) + area(b) - both;
    return either > 0 ? both / either : 0;
  }

  /** Share of a box that lies in another, 0 to 1. */
  static double shareInside(BoundingBox box, BoundingBox other) {
    double area = area(box);
    return area > 0 ? both(box, other) / area : 0;
  }

  static double area(BoundingBox box) {
    return ((double) box.xMax() - box.xMin()) * ((double) box.yMax() - box.yMin());
  }

  private static double both(BoundingBox a, BoundingBox b) {
    double width = (double) Math.min(a.xMax(), b.xMax()) - Math.max(a.xMin(), b.xMin());
    double height = (double) Math.min(a.yMax(), b.yMax()) - Math.max(a.yMin(), b.yMin());
    return Math.max(0, width) * Math.max(0, height);
  }
}
