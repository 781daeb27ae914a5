package io.popsight.detection;

import java.util.Comparator;

/**
 * A box before suppression.
 *
 * @param detection box in photo pixels, class and score
 * @param rank place of its cell in the walk over heads, rows and columns: the last tie-breaker
 */
public record Candidate(Detection detection, int rank) {

  /**
   * Descending score; equal scores by class, then by place. Total for one look, so no order of
   * threads shows; of several looks the earlier stays first.
   */
  static final Comparator<Candidate> BEST_FIRST =
      Comparator.<Candidate>comparingDouble(c -> -c.detection.score())
          .thenComparingInt(c -> c.detection.classId())
          .thenComparingInt(Candidate::rank);
}
