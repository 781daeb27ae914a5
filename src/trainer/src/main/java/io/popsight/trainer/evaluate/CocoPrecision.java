package io.popsight.trainer.evaluate;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Average precision as the COCO challenge counts it (cocodataset/cocoapi, {@code cocoeval.py}): a
 * detection takes the free object of its class that it overlaps most; difficult objects are crowds,
 * which any number of detections may fall into; what lies outside the size asked for neither counts
 * nor is punished.
 */
final class CocoPrecision {

  private static final int THRESHOLDS = 10;
  private static final int RECALLS = 101;
  private static final int MOST = 100;
  private static final double SMALL = 32 * 32;
  private static final double MEDIUM = 96 * 96;

  private static final Range ANY = new Range(0, 1e10);

  private final List<DetectedPhoto> photos;
  private final int classes;

  CocoPrecision(List<DetectedPhoto> photos, int classes) {
    this.photos = photos;
    this.classes = classes;
  }

  /** Areas in square pixels, both ends included. */
  private record Range(double from, double to) {
    boolean holds(double area) {
      return area >= from && area <= to;
    }
  }

  /** What became of a detection at one threshold. */
  private record Judged(float score, boolean right) {}

  /**
   * A class at every threshold.
   *
   * @param precision AP a threshold
   * @param recall highest recall a threshold
   */
  private record Figures(double[] precision, double[] recall) {
    double meanPrecision() {
      return Arrays.stream(precision).average().orElse(Double.NaN);
    }

    double meanRecall() {
      return Arrays.stream(recall).average().orElse(Double.NaN);
    }
  }

  CocoResult measure() {
    List<Figures> all = figures(ANY, MOST);
    return new CocoResult(
        mean(all.stream().mapToDouble(Figures::meanPrecision)),
        mean(all.stream().mapToDouble(f -> f.precision()[0])),
        mean(all.stream().mapToDouble(f -> f.precision()[THRESHOLDS / 2])),
        mean(figures(new Range(0, SMALL), MOST).stream().mapToDouble(Figures::meanPrecision)),
        mean(figures(new Range(SMALL, MEDIUM), MOST).stream().mapToDouble(Figures::meanPrecision)),
        mean(figures(new Range(MEDIUM, 1e10), MOST).stream().mapToDouble(Figures::meanPrecision)),
        mean(figures(ANY, 1).stream().mapToDouble(Figures::meanRecall)),
        mean(figures(ANY, 10).stream().mapToDouble(Figures::meanRecall)),
        mean(all.stream().mapToDouble(Figures::meanRecall)),
        all.stream().map(Figures::meanPrecision).toList());
  }

  private static double mean(java.util.stream.DoubleStream values) {
    return values.filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
  }

  private List<Figures> figures(Range sizes, int most) {
    return IntStream.range(0, classes)
        .parallel()
        .mapToObj(classId -> figures(classId, sizes, most))
        .toList();
  }

  private Figures figures(int classId, Range sizes, int most) {
    double[] precision = new double[THRESHOLDS];
    double[] recall = new double[THRESHOLDS];
    List<Judging> judgings =
        photos.stream().map(p -> new Judging(p, classId, sizes, most)).toList();
    int objects = judgings.stream().mapToInt(Judging::objects).sum();
    for (int t = 0; t < THRESHOLDS; t++) {
      double iou = Math.min(0.5 + 0.05 * t, 1 - 1e-10);
      List<Judged> judged = new ArrayList<>();
      judgings.forEach(judging -> judged.addAll(judging.at(iou)));
      judged.sort(Comparator.comparingDouble(j -> -j.score()));
      double[] sampled = sampled(judged, objects);
      precision[t] = sampled[0];
      recall[t] = sampled[1];
    }
    return new Figures(precision, recall);
  }

  /** Mean of the best precision at or beyond 101 recalls, and the highest recall. */
  private static double[] sampled(List<Judged> judged, int objects) {
    if (objects == 0) {
      return new double[] {Double.NaN, Double.NaN};
    }
    int n = judged.size();
    double[] recall = new double[n];
    double[] precision = new double[n];
    int right = 0;
    for (int i = 0; i < n; i++) {
      right += judged.get(i).right() ? 1 : 0;
      recall[i] = (double) right / objects;
      precision[i] = right / (i + 1.0);
    }
    for (int i = n - 2; i >= 0; i--) {
      precision[i] = Math.max(precision[i], precision[i + 1]);
    }
    double sum = 0;
    int at = 0;
    for (int r = 0; r < RECALLS; r++) {
      while (at < n && recall[at] < r * 0.01) {
        at++;
      }
      sum += at < n ? precision[at] : 0;
    }
    return new double[] {sum / RECALLS, n == 0 ? 0 : recall[n - 1]};
  }

  /** One photo's objects and detections of a class, with their overlaps. */
  private static final class Judging {
    private final List<GroundTruth> objects;
    private final List<Detection> detections;
    private final boolean[] ignored;
    private final double[][] overlaps;
    private final Range sizes;

    Judging(DetectedPhoto photo, int classId, Range sizes, int most) {
      this.sizes = sizes;
      // Objects that count come first: a detection that fits one is not lost to one that does not.
      this.objects =
          photo.objects().stream()
              .filter(o -> o.classId() == classId)
              .sorted(Comparator.comparing(this::ignores))
              .toList();
      this.detections =
          photo.detections().stream()
              .filter(d -> d.classId() == classId)
              .sorted(Comparator.comparingDouble(d -> -d.score()))
              .limit(most)
              .toList();
      this.ignored = new boolean[objects.size()];
      this.overlaps = new double[detections.size()][objects.size()];
      for (int o = 0; o < ignored.length; o++) {
        GroundTruth object = objects.get(o);
        ignored[o] = ignores(object);
        for (int d = 0; d < overlaps.length; d++) {
          overlaps[d][o] = overlap(detections.get(d).box(), object);
        }
      }
    }

    private boolean ignores(GroundTruth object) {
      return object.difficult() || !sizes.holds(Overlap.area(object.box()));
    }

    int objects() {
      int counted = 0;
      for (boolean one : ignored) {
        counted += one ? 0 : 1;
      }
      return counted;
    }

    /** Detections that count at a threshold, best first. */
    List<Judged> at(double iou) {
      List<Judged> judged = new ArrayList<>();
      boolean[] taken = new boolean[objects.size()];
      for (int d = 0; d < detections.size(); d++) {
        int match = match(overlaps[d], taken, iou);
        boolean counts;
        if (match >= 0) {
          taken[match] = true;
          counts = !ignored[match];
        } else {
          counts = sizes.holds(Overlap.area(detections.get(d).box()));
        }
        if (counts) {
          judged.add(new Judged(detections.get(d).score(), match >= 0));
        }
      }
      return judged;
    }

    private int match(double[] overlap, boolean[] taken, double iou) {
      int match = -1;
      double most = iou;
      for (int o = 0; o < overlap.length; o++) {
        if (match >= 0 && !ignored[match] && ignored[o]) {
          break;
        }
        boolean free = !taken[o] || objects.get(o).difficult();
        if (free && overlap[o] >= most) {
          most = overlap[o];
          match = o;
        }
      }
      return match;
    }

    /** A crowd's box is no one object's: the share of the detection that lies in it counts. */
    private static double overlap(BoundingBox found, GroundTruth object) {
      return object.difficult()
          ? Overlap.shareInside(found, object.box())
          : Overlap.iou(found, object.box());
    }
  }
}
