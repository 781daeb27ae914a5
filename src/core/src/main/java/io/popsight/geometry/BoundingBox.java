package io.popsight.geometry;

/**
 * An axis-aligned box in pixels, corners as edges: a box over one whole pixel has width 1.
 *
 * @param xMin left edge
 * @param yMin top edge
 * @param xMax right edge
 * @param yMax bottom edge
 */
public record BoundingBox(float xMin, float yMin, float xMax, float yMax) {

  /** Width in pixels, 0 for an inverted box. */
  public float width() {
    return Math.max(0, xMax - xMin);
  }

  /** Height in pixels, 0 for an inverted box. */
  public float height() {
    return Math.max(0, yMax - yMin);
  }

  /** Area in square pixels. */
  public float area() {
    return width() * height();
  }

  /** Intersection over union with another box, in [0, 1]; 0 when both have no area. */
  public float iou(BoundingBox other) {
    float w = Math.max(0, Math.min(xMax, other.xMax) - Math.max(xMin, other.xMin));
    float h = Math.max(0, Math.min(yMax, other.yMax) - Math.max(yMin, other.yMin));
    float intersection = w * h;
    float union = area() + other.area() - intersection;
    return union > 0 ? Math.min(1, intersection / union) : 0;
  }
}
