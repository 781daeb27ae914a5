package io.popsight.benchmarks.peer;

/** A box in pixels of the photo. */
public record PeerBox(int classId, float score, float left, float top, float right, float bottom) {

  float overlap(PeerBox other) {
    float width = Math.min(right, other.right) - Math.max(left, other.left);
    float height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
    if (width <= 0 || height <= 0) {
      return 0;
    }
    float both = width * height;
    return both / (area() + other.area() - both);
  }

  private float area() {
    return (right - left) * (bottom - top);
  }
}
