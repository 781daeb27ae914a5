package io.popsight.trainer.evaluate;

/**
 * A precision-recall curve: after each detection in descending score, the share of detections that
 * are right and the share of objects found.
 */
record PrecisionRecall(double[] precision, double[] recall) {

  /** Area under the curve whose precision is made monotone (VOC since 2010). */
  double allPoint() {
    double area = 0;
    double best = 0;
    for (int i = precision.length - 1; i >= 0; i--) {
      best = Math.max(best, precision[i]);
      area += best * (recall[i] - (i == 0 ? 0 : recall[i - 1]));
    }
    return area;
  }

  /** Mean of the best precision at recalls 0, 0.1 .. 1 (VOC 2007). */
  double elevenPoint() {
    double sum = 0;
    for (int step = 0; step <= 10; step++) {
      double best = 0;
      for (int i = 0; i < precision.length; i++) {
        if (recall[i] >= step / 10.0) {
          best = Math.max(best, precision[i]);
        }
      }
      sum += best;
    }
    return sum / 11;
  }
}
