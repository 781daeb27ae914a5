package io.popsight.geometry;

/**
 * An area with straight edges, in pixels of a photo; the last corner is joined to the first. Where
 * edges cross, a point is inside if a ray from it meets an odd number of them.
 *
 * @param xs columns of the corners
 * @param ys rows of the corners
 */
public record Polygon(float[] xs, float[] ys) {

  /** Most corners. */
  public static final int MAX_CORNERS = 100;

  /**
   * Copies the corners.
   *
   * @throws IllegalArgumentException unless there are 3 to {@value #MAX_CORNERS} finite corners
   */
  public Polygon {
    if (xs.length != ys.length || xs.length < 3 || xs.length > MAX_CORNERS) {
      throw new IllegalArgumentException(
          "a polygon has 3 to %d corners, got %d".formatted(MAX_CORNERS, xs.length));
    }
    xs = xs.clone();
    ys = ys.clone();
    for (int i = 0; i < xs.length; i++) {
      if (!Float.isFinite(xs[i]) || !Float.isFinite(ys[i])) {
        throw new IllegalArgumentException("a corner is at %s,%s".formatted(xs[i], ys[i]));
      }
    }
  }

  /** Whether a point lies inside; one on an edge may count as either. */
  public boolean contains(float x, float y) {
    boolean inside = false;
    for (int i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      boolean crosses = (ys[i] > y) != (ys[j] > y);
      if (crosses && x < (double) (xs[j] - xs[i]) * (y - ys[i]) / (ys[j] - ys[i]) + xs[i]) {
        inside = !inside;
      }
    }
    return inside;
  }
}
