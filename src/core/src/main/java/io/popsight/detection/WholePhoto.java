package io.popsight.detection;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.model.HeadMap;
import java.util.ArrayList;
import java.util.List;

/**
 * What a whole photo shows: a class's logit is the mean over the head's cells, its score the
 * softmax over the classes, its box the photo. {@link StrictMath} makes the answer the same on
 * every processor.
 */
final class WholePhoto {

  private WholePhoto() {}

  /**
   * One candidate a class that scores {@code minScore} or more, in the order of the classes.
   *
   * @param sums integer sums of the head, layout [N][rows][columns][channels]
   * @param photo index in the batch
   */
  static List<Candidate> decode(
      HeadMap head, int[] sums, int photo, Letterbox letterbox, float minScore) {
    double[] logits = logits(head, sums, photo);
    double highest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      highest = Math.max(highest, logit);
    }
    double all = 0;
    for (double logit : logits) {
      all += StrictMath.exp(logit - highest);
    }
    BoundingBox box = new BoundingBox(0, 0, letterbox.photoWidth(), letterbox.photoHeight());
    List<Candidate> candidates = new ArrayList<>();
    for (int c = 0; c < logits.length; c++) {
      float score = (float) (StrictMath.exp(logits[c] - highest) / all);
      if (score >= minScore) {
        candidates.add(new Candidate(new Detection(c, score, box), c));
      }
    }
    return candidates;
  }

  private static double[] logits(HeadMap head, int[] sums, int photo) {
    int cells = head.rows() * head.columns();
    int classes = head.channels();
    double[] logits = new double[classes];
    for (int c = 0; c < classes; c++) {
      long sum = 0;
      for (int cell = 0; cell < cells; cell++) {
        sum += sums[(photo * cells + cell) * classes + c];
      }
      logits[c] = (double) sum / cells * head.scale()[c] + head.bias()[c];
    }
    return logits;
  }
}
