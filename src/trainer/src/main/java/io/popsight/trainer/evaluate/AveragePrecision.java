package io.popsight.trainer.evaluate;

import io.popsight.detection.Detection;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Average precision as PASCAL VOC defines it (Everingham et al., IJCV 2010): detections in
 * descending score each take the object of their class that they overlap most; an object already
 * taken makes a detection wrong, a difficult one makes it not count.
 */
public final class AveragePrecision {

  private record Candidate(int photo, Detection detection) {}

  private final List<DetectedPhoto> photos;
  private final List<String> labels;

  /** Over photos whose classes are the labels' indices. */
  public AveragePrecision(List<DetectedPhoto> photos, List<String> labels) {
    this.photos = photos;
    this.labels = labels;
  }

  /** All figures. */
  public EvaluationResult measure() {
    List<EvaluationResult.ClassResult> classes = new ArrayList<>();
    CocoResult measured = new CocoPrecision(photos, labels.size()).measure();
    double ap50 = 0;
    double elevenPoint = 0;
    double ap = 0;
    int present = 0;
    for (int classId = 0; classId < labels.size(); classId++) {
      int objects = objects(classId);
      double coco = measured.perClass().get(classId);
      if (objects == 0) {
        classes.add(
            new EvaluationResult.ClassResult(
                labels.get(classId), Double.NaN, Double.NaN, Double.NaN, coco, 0));
        continue;
      }
      present++;
      PrecisionRecall at50 = curve(classId, 0.5);
      double mean = 0;
      for (int step = 0; step < 10; step++) {
        mean += curve(classId, (50 + 5 * step) / 100.0).allPoint() / 10;
      }
      classes.add(
          new EvaluationResult.ClassResult(
              labels.get(classId), at50.allPoint(), at50.elevenPoint(), mean, coco, objects));
      ap50 += at50.allPoint();
      elevenPoint += at50.elevenPoint();
      ap += mean;
    }
    int n = Math.max(present, 1);
    return new EvaluationResult(
        photos.size(), ap50 / n, elevenPoint / n, ap / n, measured, List.copyOf(classes));
  }

  private int objects(int classId) {
    return (int)
        photos.stream()
            .flatMap(p -> p.objects().stream())
            .filter(o -> o.classId() == classId && !o.difficult())
            .count();
  }

  PrecisionRecall curve(int classId, double iou) {
    return outcomes(classId, iou).curve();
  }

  Outcomes outcomes(int classId, double iou) {
    List<Candidate> candidates = new ArrayList<>();
    List<boolean[]> taken = new ArrayList<>();
    for (int p = 0; p < photos.size(); p++) {
      taken.add(new boolean[photos.get(p).objects().size()]);
      for (Detection detection : photos.get(p).detections()) {
        if (detection.classId() == classId) {
          candidates.add(new Candidate(p, detection));
        }
      }
    }
    candidates.sort(Comparator.comparingDouble(c -> -c.detection().score()));
    float[] scores = new float[candidates.size()];
    boolean[] right = new boolean[candidates.size()];
    int counted = 0;
    for (Candidate candidate : candidates) {
      List<GroundTruth> truths = photos.get(candidate.photo()).objects();
      int best = bestOverlap(truths, candidate.detection(), iou);
      if (best >= 0 && truths.get(best).difficult()) {
        continue;
      }
      scores[counted] = candidate.detection().score();
      right[counted] = best >= 0 && !taken.get(candidate.photo())[best];
      if (right[counted]) {
        taken.get(candidate.photo())[best] = true;
      }
      counted++;
    }
    return new Outcomes(
        Arrays.copyOf(scores, counted), Arrays.copyOf(right, counted), objects(classId));
  }

  private static int bestOverlap(List<GroundTruth> truths, Detection detection, double iou) {
    int best = -1;
    double most = 0;
    for (int t = 0; t < truths.size(); t++) {
      if (truths.get(t).classId() == detection.classId()) {
        double overlap = Overlap.iou(truths.get(t).box(), detection.box());
        if (overlap > most) {
          most = overlap;
          best = t;
        }
      }
    }
    return most >= iou ? best : -1;
  }
}
