package io.popsight.trainer.evaluate;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Average precision as PASCAL VOC defines it: detections in descending score each take the object
 * of their class that they overlap most; an object already taken makes a detection wrong, a
 * difficult one makes it not count.
 */
final class AveragePrecision {

  /** All objects and detections of a photo. */
  record Photo(List<GroundTruth> objects, List<Detection> detections) {}

  private record Candidate(int photo, Detection detection) {}

  private final List<Photo> photos;
  private final List<String> labels;

  AveragePrecision(List<Photo> photos, List<String> labels) {
    this.photos = photos;
    this.labels = labels;
  }

  EvaluationResult measure() {
    List<EvaluationResult.ClassResult> classes = new ArrayList<>();
    double ap50 = 0;
    double elevenPoint = 0;
    double ap = 0;
    int present = 0;
    for (int classId = 0; classId < labels.size(); classId++) {
      int objects = objects(classId);
      if (objects == 0) {
        classes.add(new EvaluationResult.ClassResult(labels.get(classId), 0, 0, 0));
        continue;
      }
      present++;
      PrecisionRecall at50 = curve(classId, 0.5);
      double mean = 0;
      for (int step = 0; step < 10; step++) {
        mean += curve(classId, (50 + 5 * step) / 100.0).allPoint() / 10;
      }
      classes.add(
          new EvaluationResult.ClassResult(labels.get(classId), at50.allPoint(), mean, objects));
      ap50 += at50.allPoint();
      elevenPoint += at50.elevenPoint();
      ap += mean;
    }
    int n = Math.max(present, 1);
    return new EvaluationResult(
        photos.size(), ap50 / n, elevenPoint / n, ap / n, List.copyOf(classes));
  }

  private int objects(int classId) {
    return (int)
        photos.stream()
            .flatMap(p -> p.objects().stream())
            .filter(o -> o.classId() == classId && !o.difficult())
            .count();
  }

  PrecisionRecall curve(int classId, double iou) {
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
    int objects = objects(classId);
    int right = 0;
    int counted = 0;
    double[] precision = new double[candidates.size()];
    double[] recall = new double[candidates.size()];
    for (Candidate candidate : candidates) {
      List<GroundTruth> truths = photos.get(candidate.photo()).objects();
      int best = bestOverlap(truths, candidate.detection(), iou);
      if (best >= 0 && truths.get(best).difficult()) {
        continue;
      }
      if (best >= 0 && !taken.get(candidate.photo())[best]) {
        taken.get(candidate.photo())[best] = true;
        right++;
      }
      precision[counted] = right / (counted + 1.0);
      recall[counted++] = (double) right / objects;
    }
    return new PrecisionRecall(Arrays.copyOf(precision, counted), Arrays.copyOf(recall, counted));
  }

  private static int bestOverlap(List<GroundTruth> truths, Detection detection, double iou) {
    int best = -1;
    double most = 0;
    for (int t = 0; t < truths.size(); t++) {
      if (truths.get(t).classId() == detection.classId()) {
        double overlap = overlap(truths.get(t).box(), detection.box());
        if (overlap > most) {
          most = overlap;
          best = t;
        }
      }
    }
    return most >= iou ? best : -1;
  }

  /** In double: a float's 0.7 is below the threshold 0.7, and a box just good enough would fail. */
  private static double overlap(BoundingBox a, BoundingBox b) {
    double width = (double) Math.min(a.xMax(), b.xMax()) - Math.max(a.xMin(), b.xMin());
    double height = (double) Math.min(a.yMax(), b.yMax()) - Math.max(a.yMin(), b.yMin());
    double both = Math.max(0, width) * Math.max(0, height);
    double either = area(a) + area(b) - both;
    return either > 0 ? both / either : 0;
  }

  private static double area(BoundingBox box) {
    return ((double) box.xMax() - box.xMin()) * ((double) box.yMax() - box.yMin());
  }
}
