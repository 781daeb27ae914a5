package io.popsight.trainer.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * Scores that mean something: a class's logit {@code x} becomes {@code factor * x + shift}, so that
 * of the boxes scored 0.7 about 70 % are right (Platt scaling: "Probabilistic Outputs for Support
 * Vector Machines", 1999). Factors are positive, so the order within a class, and its AP, stay.
 *
 * @param factors one a class, 1 where nothing was learned
 * @param shifts one a class
 */
public record ScoreCalibration(float[] factors, float[] shifts) {

  private static final int ITERATIONS = 30;

  /** Weight of staying as it is, in detections: a class with few of them moves little. */
  private static final double PRIOR = 5;

  /** The same of the shift, beside that of the factor. */
  private static final double SHIFT_PRIOR = 0.1;

  private static final double SMALLEST_STEP = 1e-6;

  private static final double SMALLEST_FACTOR = 0.2;
  private static final double LARGEST_FACTOR = 5;
  private static final int BINS = 10;

  /** Fits each class to which of its detections are right at IoU 0.5. */
  public static ScoreCalibration fit(List<DetectedPhoto> photos, List<String> labels) {
    AveragePrecision judge = new AveragePrecision(photos, labels);
    float[] factors = new float[labels.size()];
    float[] shifts = new float[labels.size()];
    for (int c = 0; c < factors.length; c++) {
      double[] fitted = fit(judge.outcomes(c, 0.5));
      factors[c] = (float) fitted[0];
      shifts[c] = (float) fitted[1];
    }
    return new ScoreCalibration(factors, shifts);
  }

  /**
   * Newton's method on the logistic loss, held near the identity. A step is halved until the loss
   * falls: a whole one overshoots where scores are far too low, and never comes back.
   */
  private static double[] fit(Outcomes outcomes) {
    double factor = 1;
    double shift = 0;
    double loss = loss(outcomes, factor, shift);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      double gf = PRIOR * (factor - 1);
      double gs = PRIOR * SHIFT_PRIOR * shift;
      double hff = PRIOR;
      double hss = PRIOR * SHIFT_PRIOR;
      double hfs = 0;
      for (int i = 0; i < outcomes.scores().length; i++) {
        double x = logit(outcomes.scores()[i]);
        double p = 1 / (1 + Math.exp(-(factor * x + shift)));
        double miss = p - (outcomes.right()[i] ? 1 : 0);
        double slope = p * (1 - p);
        gf += miss * x;
        gs += miss;
        hff += slope * x * x;
        hfs += slope * x;
        hss += slope;
      }
      double determinant = hff * hss - hfs * hfs;
      double byFactor = (hss * gf - hfs * gs) / determinant;
      double byShift = (hff * gs - hfs * gf) / determinant;
      double step = 1;
      double before = loss;
      while (loss >= before && step > SMALLEST_STEP) {
        double nextFactor = Math.clamp(factor - step * byFactor, SMALLEST_FACTOR, LARGEST_FACTOR);
        double nextShift = shift - step * byShift;
        double next = loss(outcomes, nextFactor, nextShift);
        if (next < before) {
          factor = nextFactor;
          shift = nextShift;
          loss = next;
        }
        step /= 2;
      }
      if (loss >= before) {
        break;
      }
    }
    return new double[] {factor, shift};
  }

  private static double loss(Outcomes outcomes, double factor, double shift) {
    double loss = PRIOR / 2 * ((factor - 1) * (factor - 1) + SHIFT_PRIOR * shift * shift);
    for (int i = 0; i < outcomes.scores().length; i++) {
      double z = factor * logit(outcomes.scores()[i]) + shift;
      double wrong = outcomes.right()[i] ? -z : z;
      loss += Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(wrong)));
    }
    return loss;
  }

  private static double logit(double score) {
    double inside = Math.clamp(score, 1e-6, 1 - 1e-6);
    return Math.log(inside / (1 - inside));
  }

  /**
   * Expected calibration error: mean distance between score and share of right boxes in ten bins of
   * scores, weighted by boxes; all classes (Naeini et al., AAAI 2015).
   */
  public static double error(List<DetectedPhoto> photos, List<String> labels) {
    AveragePrecision judge = new AveragePrecision(photos, labels);
    double[] scores = new double[BINS];
    double[] right = new double[BINS];
    int boxes = 0;
    List<Outcomes> classes = new ArrayList<>();
    for (int c = 0; c < labels.size(); c++) {
      classes.add(judge.outcomes(c, 0.5));
    }
    for (Outcomes o : classes) {
      for (int i = 0; i < o.scores().length; i++) {
        int bin = Math.min(BINS - 1, (int) (o.scores()[i] * BINS));
        scores[bin] += o.scores()[i];
        right[bin] += o.right()[i] ? 1 : 0;
        boxes++;
      }
    }
    double error = 0;
    for (int b = 0; b < BINS; b++) {
      error += Math.abs(scores[b] - right[b]);
    }
    return boxes == 0 ? 0 : error / boxes;
  }
}
