package io.popsight.detection;

import java.util.Comparator;

/**
 * A box before suppression.
 *
 * @param detection box in photo pixels, class and score
 * @param rank place of its cell in the walk over heads, rows and columns, or among the boxes of
 *     tiles: the last tie-breaker
 */
public record Candidate(Detection detection, int rank) {

  /**
   * Descending score; equal scores by class, then by place. Total for one look, so no order of
   * threads shows; what of several looks is alike in all three stays in their order.
   */
  static final Comparator<Candidate> BEST_FIRST =
      Comparator.<Candidate>comparingDouble(c -> -c.detection.score())
          .thenComparingInt(c -> c.detection.classId())
          .thenComparingInt(Candidate::rank);
}
