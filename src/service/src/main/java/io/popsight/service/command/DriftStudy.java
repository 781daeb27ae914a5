package io.popsight.service.command;

import io.popsight.service.detect.PhotoAnswer.SpikeRate;
import io.popsight.service.metrics.SpikeDrift;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How well the drift of spike rates tells disturbed photos from clean ones: the score that a
 * service would show after a number of photos drawn from either, many times over.
 */
final class DriftStudy {

  static final int DRAWS = 400;

  private final double[] cleanOne;
  private final double[] cleanMany;
  private final int window;
  private final Random random;

  /**
   * One kind of photos beside the clean ones.
   *
   * @param condition what was done to them
   * @param photos number of them
   * @param aucOne share of pairs of photos in which the disturbed one has the larger drift
   * @param auc the same for two services, one with a window of disturbed photos
   * @param median drift after a window
   * @param alarms share of windows over the threshold
   */
  record Row(
      String condition, int photos, double aucOne, double auc, double median, double alarms) {}

  DriftStudy(List<List<SpikeRate>> clean, int window, Random random) {
    this.window = window;
    this.random = random;
    this.cleanOne = one(clean);
    this.cleanMany = many(clean);
  }

  /** The drift that one clean window in a hundred exceeds. */
  double threshold() {
    return cleanMany[(int) (0.99 * cleanMany.length)];
  }

  /** The clean photos themselves. */
  Row clean(double threshold) {
    return row("clean", cleanOne, cleanMany, threshold);
  }

  Row of(String condition, List<List<SpikeRate>> photos, double threshold) {
    return row(condition, one(photos), many(photos), threshold);
  }

  private Row row(String condition, double[] one, double[] many, double threshold) {
    return new Row(
        condition,
        one.length,
        auc(one, cleanOne),
        auc(many, cleanMany),
        many[many.length / 2],
        (double) Arrays.stream(many).filter(drift -> drift > threshold).count() / many.length);
  }

  /** Sorted drifts, each of one photo. */
  private static double[] one(List<List<SpikeRate>> photos) {
    return photos.stream().mapToDouble(photo -> drift(List.of(photo))).sorted().toArray();
  }

  /** Sorted drifts, each after a window of photos drawn with repetition. */
  private double[] many(List<List<SpikeRate>> photos) {
    double[] drifts = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      drifts[draw] = drift(random.ints(window, 0, photos.size()).mapToObj(photos::get).toList());
    }
    Arrays.sort(drifts);
    return drifts;
  }

  private static double drift(List<List<SpikeRate>> photos) {
    SpikeDrift drift = new SpikeDrift(photos.getFirst());
    photos.forEach(drift::seen);
    return drift.ofModel();
  }

  /** Area under the ROC curve; ties count half. */
  static double auc(double[] disturbed, double[] clean) {
    double won = 0;
    for (double d : disturbed) {
      for (double c : clean) {
        won += d > c ? 1 : d == c ? 0.5 : 0;
      }
    }
    return won / ((double) disturbed.length * clean.length);
  }
}
