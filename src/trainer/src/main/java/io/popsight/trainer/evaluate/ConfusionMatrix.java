package io.popsight.trainer.evaluate;

import io.popsight.detection.Detection;
import io.popsight.trainer.data.GroundTruth;
import java.util.List;

/**
 * What was taken for what, at one score threshold: each detection, best first, takes the free
 * object of its own class that it overlaps most, or where there is none that of another, at an IoU
 * of at least 0.5. Detections on difficult objects do not count.
 *
 * @param labels class names
 * @param minScore lowest score counted
 * @param counts [true class][class found]; the last row are detections on nothing, the last column
 *     objects that were missed
 */
public record ConfusionMatrix(List<String> labels, double minScore, int[][] counts) {

  private static final double IOU = 0.5;

  /** Counts. */
  public static ConfusionMatrix of(
      List<DetectedPhoto> photos, List<String> labels, double minScore) {
    int nothing = labels.size();
    int[][] counts = new int[nothing + 1][nothing + 1];
    for (DetectedPhoto photo : photos) {
      boolean[] taken = new boolean[photo.objects().size()];
      for (Detection detection : photo.detections()) {
        if (detection.score() < minScore) {
          continue;
        }
        int match = match(photo.objects(), taken, detection);
        if (match < 0) {
          counts[nothing][detection.classId()]++;
        } else if (!photo.objects().get(match).difficult()) {
          taken[match] = true;
          counts[photo.objects().get(match).classId()][detection.classId()]++;
        }
      }
      for (int o = 0; o < taken.length; o++) {
        GroundTruth object = photo.objects().get(o);
        if (!taken[o] && !object.difficult()) {
          counts[object.classId()][nothing]++;
        }
      }
    }
    return new ConfusionMatrix(labels, minScore, counts);
  }

  /** An object of the detection's own class goes before a better fitting one of another. */
  private static int match(List<GroundTruth> objects, boolean[] taken, Detection detection) {
    int match = -1;
    double most = 0;
    for (int o = 0; o < taken.length; o++) {
      double iou = Overlap.iou(objects.get(o).box(), detection.box());
      double rank = iou + (objects.get(o).classId() == detection.classId() ? 1 : 0);
      if (!taken[o] && iou >= IOU && rank > most) {
        most = rank;
        match = o;
      }
    }
    return match;
  }
}
