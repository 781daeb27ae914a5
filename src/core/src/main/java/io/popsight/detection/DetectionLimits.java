package io.popsight.detection;

/**
 * What a caller wants to see of a network's answer.
 *
 * @param minScore lowest score kept, in [0, 1]
 * @param iou overlap above which the lower-scored of two boxes of one class is dropped, in [0, 1]
 * @param maxDetections most boxes returned, 1 to 10000
 */
public record DetectionLimits(float minScore, float iou, int maxDetections) {

  /** The most boxes that an answer holds unless the caller says otherwise. */
  public static final int DEFAULT_MAX_DETECTIONS = 300;

  /** The most boxes that an answer can hold. */
  public static final int MOST_DETECTIONS = 10_000;

  /** The share of a box's score that another needs to have a say in where the box is. */
  private static final float VOTING_SHARE = 0.3f;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the limit that is out of range
   */
  public DetectionLimits {
    if (!(minScore >= 0 && minScore <= 1)) {
      throw new IllegalArgumentException("min_score must be in 0..1, got " + minScore);
    }
    if (!(iou >= 0 && iou <= 1)) {
      throw new IllegalArgumentException("iou must be in 0..1, got " + iou);
    }
    if (maxDetections < 1 || maxDetections > MOST_DETECTIONS) {
      throw new IllegalArgumentException(
          "max_detections must be in 1..10000, got " + maxDetections);
    }
  }

  /** The lowest score of a candidate that can move a box which these limits let pass. */
  public float lowestVote() {
    return lowestVote(minScore);
  }

  static float lowestVote(float score) {
    return VOTING_SHARE * score;
  }
}
