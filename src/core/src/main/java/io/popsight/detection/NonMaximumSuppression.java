package io.popsight.detection;

import io.popsight.geometry.BoundingBox;
import java.util.ArrayList;
import java.util.List;

/**
 * Greedy class-wise non-maximum suppression with a total order, so that the result is unique, and
 * with box voting (Gidaris and Komodakis, ICCV 2015): the boxes that fall by a better one move its
 * edges to their mean, weighted by score. Networks of zeros and ones gain most by it: cells that
 * see one object err apart.
 */
public final class NonMaximumSuppression {

  /**
   * Candidates looked at, best first: bounds the quadratic work when a caller asks for every score.
   */
  static final int MAX_CANDIDATES = 3_000;

  /** The least overlap of a box that votes: one of the same object, not of its neighbour. */
  private static final float LEAST_VOTING_OVERLAP = 0.6f;

  private NonMaximumSuppression() {}

  /**
   * The survivors, best first. A box falls if its IoU with a kept one of its class is above the
   * limit; it votes for the first such one. As only boxes of at least a share of the kept one's
   * score vote, a caller who raises the lowest score or lowers the number of boxes loses boxes and
   * moves none.
   *
   * @param candidates all of {@link DetectionLimits#lowestVote()} or more; lower ones change
   *     nothing
   */
  public static List<Detection> suppress(List<Candidate> candidates, DetectionLimits limits) {
    List<Candidate> sorted = new ArrayList<>(candidates);
    sorted.sort(Candidate.BEST_FIRST);
    List<Survivor> kept = new ArrayList<>();
    for (int i = 0; i < Math.min(sorted.size(), MAX_CANDIDATES); i++) {
      Detection candidate = sorted.get(i).detection();
      if (!falls(candidate, kept, limits.iou())
          && candidate.score() >= limits.minScore()
          && kept.size() < limits.maxDetections()) {
        kept.add(new Survivor(candidate));
      }
    }
    return kept.stream().map(Survivor::detection).toList();
  }

  private static boolean falls(Detection candidate, List<Survivor> kept, float limit) {
    for (Survivor better : kept) {
      if (better.best.classId() == candidate.classId()) {
        float overlap = better.best.box().iou(candidate.box());
        if (overlap > limit) {
          if (overlap >= LEAST_VOTING_OVERLAP) {
            better.hear(candidate);
          }
          return true;
        }
      }
    }
    return false;
  }

  /** A box that is kept, and the sums of the votes on where it is: its own and those it outdid. */
  private static final class Survivor {

    private final Detection best;
    private double weights;
    private double xMin;
    private double yMin;
    private double xMax;
    private double yMax;

    Survivor(Detection best) {
      this.best = best;
      hear(best);
    }

    void hear(Detection vote) {
      if (vote.score() < DetectionLimits.lowestVote(best.score())) {
        return;
      }
      double weight = Math.max(vote.score(), Float.MIN_VALUE);
      weights += weight;
      xMin += weight * vote.box().xMin();
      yMin += weight * vote.box().yMin();
      xMax += weight * vote.box().xMax();
      yMax += weight * vote.box().yMax();
    }

    Detection detection() {
      BoundingBox mean =
          new BoundingBox(
              (float) (xMin / weights),
              (float) (yMin / weights),
              (float) (xMax / weights),
              (float) (yMax / weights));
      return new Detection(best.classId(), best.score(), mean);
    }
  }
}
