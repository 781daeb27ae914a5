package io.popsight.trainer.evaluate;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The score threshold that serves best where nobody says another: the one with the highest F1,
 * averaged over the classes that are there, at IoU 0.5.
 *
 * @param minScore of 0.01, 0.02 .. 0.99; the middle one of those that are equally good
 * @param f1 there
 */
public record BestScore(float minScore, double f1) {

  private static final int STEPS = 100;

  /** Looks for it. */
  public static BestScore of(List<DetectedPhoto> photos, List<String> labels) {
    AveragePrecision judge = new AveragePrecision(photos, labels);
    List<Outcomes> classes =
        IntStream.range(0, labels.size())
            .mapToObj(c -> judge.outcomes(c, 0.5))
            .filter(o -> o.objects() > 0)
            .toList();
    double best = -1;
    int first = 1;
    int last = 1;
    for (int step = 1; step < STEPS; step++) {
      double score = (double) step / STEPS;
      double mean = classes.stream().mapToDouble(o -> o.f1(score)).average().orElse(0);
      if (mean > best) {
        best = mean;
        first = step;
        last = step;
      } else if (mean == best && step == last + 1) {
        last = step;
      }
    }
    return new BestScore((first + last) / 2f / STEPS, best);
  }
}
