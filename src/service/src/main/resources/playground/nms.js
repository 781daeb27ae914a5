// Greedy class-wise suppression by exactly the server's rule (NonMaximumSuppression and BoundingBox in core): the
// arithmetic is that of 32-bit floats, hence the rounding after every step.

const f = Math.fround;

function area(box) {
  return f(Math.max(0, f(f(box.x_max) - f(box.x_min))) * Math.max(0, f(f(box.y_max) - f(box.y_min))));
}

/** Intersection over union of two boxes, 0 to 1. */
function iou(a, b) {
  const w = Math.max(0, f(Math.min(f(a.x_max), f(b.x_max)) - Math.max(f(a.x_min), f(b.x_min))));
  const h = Math.max(0, f(Math.min(f(a.y_max), f(b.y_max)) - Math.max(f(a.y_min), f(b.y_min))));
  const intersection = f(w * h);
  const union = f(f(area(a) + area(b)) - intersection);
  return union > 0 ? Math.min(1, f(intersection / union)) : 0;
}

const LEAST_VOTING_OVERLAP = f(0.6);
const VOTING_SHARE = f(0.3);

/** The lowest score of a candidate that can move a box of this score or more. */
export function lowestVote(score) {
  return f(VOTING_SHARE * f(score));
}

class Survivor {
  weights = 0;
  sums = { x_min: 0, y_min: 0, x_max: 0, y_max: 0 };

  constructor(best) {
    this.best = best;
    this.hear(best);
  }

  hear(vote) {
    if (f(vote.score) < lowestVote(this.best.score)) {
      return;
    }
    this.weights += f(vote.score);
    for (const edge in this.sums) {
      this.sums[edge] += f(vote.score) * f(vote.box[edge]);
    }
  }

  detection() {
    const box = { ...this.sums };
    for (const edge in box) {
      box[edge] = f(box[edge] / this.weights);
    }
    return { ...this.best, box };
  }
}

function falls(candidate, kept, maxIou) {
  for (const better of kept) {
    if (better.best.class_id === candidate.class_id) {
      const overlap = iou(better.best.box, candidate.box);
      if (overlap > f(maxIou)) {
        if (overlap >= LEAST_VOTING_OVERLAP) {
          better.hear(candidate);
        }
        return true;
      }
    }
  }
  return false;
}

/**
 * What the server would have answered.
 * @param candidates in the server's order, best first, as it gives them for iou=1 and the lowest vote of minScore
 */
export function suppress(candidates, minScore, maxIou) {
  const kept = [];
  for (const candidate of candidates) {
    if (f(candidate.score) < lowestVote(minScore)) {
      break;
    }
    if (!falls(candidate, kept, maxIou) && f(candidate.score) >= f(minScore)) {
      kept.push(new Survivor(candidate));
    }
  }
  return kept.map((survivor) => survivor.detection());
}
