package io.popsight.trainer.evaluate;

/**
 * Detections of a class that count, best first.
 *
 * @param scores of each
 * @param right whether it found an object not found before
 * @param objects of the class that count
 */
record Outcomes(float[] scores, boolean[] right, int objects) {

  PrecisionRecall curve() {
    double[] precision = new double[right.length];
    double[] recall = new double[right.length];
    int found = 0;
    for (int i = 0; i < right.length; i++) {
      found += right[i] ? 1 : 0;
      precision[i] = found / (i + 1.0);
      recall[i] = (double) found / objects;
    }
    return new PrecisionRecall(precision, recall);
  }

  /** Harmonic mean of precision and recall when only scores from one on are shown, 0 to 1. */
  double f1(double minScore) {
    int shown = 0;
    int found = 0;
    while (shown < scores.length && scores[shown] >= minScore) {
      found += right[shown++] ? 1 : 0;
    }
    return shown + objects == 0 ? 0 : 2.0 * found / (shown + objects);
  }
}
