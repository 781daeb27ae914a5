// Greedy class-wise suppression by exactly the server's rule (NonMaximumSuppression and BoundingBox in core): the
// arithmetic is that of 32-bit floats, hence the rounding after every step.

const f = Math.fround;

function area(box) {
  return f(Math.max(0, f(f(box.x_max) - f(box.x_min))) * Math.max(0, f(f(box.y_max) - f(box.y_min))));
}

/** Intersection over union of two boxes, 0 to 1. */
export function iou(a, b) {
  const w = Math.max(0, f(Math.min(f(a.x_max), f(b.x_max)) - Math.max(f(a.x_min), f(b.x_min))));
  const h = Math.max(0, f(Math.min(f(a.y_max), f(b.y_max)) - Math.max(f(a.y_min), f(b.y_min))));
  const intersection = f(w * h);
  const union = f(f(area(a) + area(b)) - intersection);
  return union > 0 ? Math.min(1, f(intersection / union)) : 0;
}

/**
 * What the server would have answered.
 * @param candidates in the server's order, best first, as it gives them for iou=1
 */
export function suppress(candidates, minScore, maxIou, maxDetections) {
  const kept = [];
  for (const candidate of candidates) {
    if (kept.length === maxDetections || f(candidate.score) < f(minScore)) {
      break;
    }
    const falls = kept.some(
        (better) => better.class_id === candidate.class_id && iou(better.box, candidate.box) > f(maxIou));
    if (!falls) {
      kept.push(candidate);
    }
  }
  return kept;
}
