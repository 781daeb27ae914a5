package io.popsight.detection;

import java.util.ArrayList;
import java.util.List;

/** Greedy class-wise non-maximum suppression with a total order, so that the result is unique. */
public final class NonMaximumSuppression {

  /**
   * Candidates looked at, best first: bounds the quadratic work when a caller asks for every score.
   */
  static final int MAX_CANDIDATES = 3_000;

  private NonMaximumSuppression() {}

  /**
   * The survivors, best first. A box falls if its IoU with a kept one of its class is above the
   * limit.
   */
  public static List<Detection> suppress(List<Candidate> candidates, DetectionLimits limits) {
    List<Candidate> sorted = new ArrayList<>(candidates);
    sorted.sort(Candidate.BEST_FIRST);
    List<Detection> kept = new ArrayList<>();
    for (int i = 0; i < Math.min(sorted.size(), MAX_CANDIDATES); i++) {
      Detection candidate = sorted.get(i).detection();
      if (!overlapsOneOf(kept, candidate, limits.iou())) {
        kept.add(candidate);
        if (kept.size() == limits.maxDetections()) {
          break;
        }
      }
    }
    return List.copyOf(kept);
  }

  private static boolean overlapsOneOf(List<Detection> kept, Detection candidate, float iou) {
    for (Detection better : kept) {
      if (better.classId() == candidate.classId() && better.box().iou(candidate.box()) > iou) {
        return true;
      }
    }
    return false;
  }
}
