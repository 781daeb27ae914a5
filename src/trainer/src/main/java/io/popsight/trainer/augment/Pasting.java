package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Puts objects of other photos into a sample, with soft edges, so that the edge itself tells little
 * (Dwibedi et al., "Cut, Paste and Learn", ICCV 2017; here boxes are cut, there is no outline).
 */
final class Pasting {

  private static final int MOST_OBJECTS = 3;

  /** Smaller ones are a few pixels of mud, larger ones hide what the sample shows. */
  private static final int LEAST_SIDE = 6;

  private static final double LARGEST_SHARE = 0.4;

  /** Share of an object that another may cover. */
  private static final double COVERED = 0.3;

  private final PhotoCache photos;
  private final AugmentSettings settings;

  Pasting(PhotoCache photos, AugmentSettings settings) {
    this.photos = photos;
    this.settings = settings;
  }

  /**
   * Pastes up to three objects where they cover little of what is there.
   *
   * @param canvas the sample
   * @param objects of the sample; those that are pasted are added
   */
  void onto(Mat canvas, List<GroundTruth> objects, RandomGenerator random) {
    int tries = 1 + random.nextInt(MOST_OBJECTS);
    for (int i = 0; i < tries; i++) {
      PhotoCache.Scaled photo = photos.get(random.nextInt(photos.size()));
      if (!photo.objects().isEmpty()) {
        paste(photo, random.nextInt(photo.objects().size()), canvas, objects, random);
      }
    }
  }

  private void paste(
      PhotoCache.Scaled photo,
      int number,
      Mat canvas,
      List<GroundTruth> objects,
      RandomGenerator random) {
    GroundTruth object = photo.objects().get(number);
    List<GroundTruth> others = new ArrayList<>(photo.objects());
    others.remove(number);
    double factor = 1 + settings.scale() * random.nextDouble(-1, 1);
    int width = (int) Math.round(factor * object.box().width());
    int height = (int) Math.round(factor * object.box().height());
    if (Math.min(width, height) < LEAST_SIDE
        || width > LARGEST_SHARE * canvas.cols()
        || height > LARGEST_SHARE * canvas.rows()
        || covers(object.box(), others)) {
      return;
    }
    int x = random.nextInt(canvas.cols() - width + 1);
    int y = random.nextInt(canvas.rows() - height + 1);
    boolean mirror = random.nextDouble() < settings.horizontalFlip();
    BoundingBox box = new BoundingBox(x, y, x + width, y + height);
    if (!covers(box, objects)) {
      draw(photo, object.box(), mirror, canvas, new Rect(x, y, width, height));
      objects.add(new GroundTruth(object.classId(), box, object.difficult()));
    }
  }

  private static boolean covers(BoundingBox box, List<GroundTruth> objects) {
    return objects.stream()
        .map(GroundTruth::box)
        .anyMatch(other -> shared(box, other) > COVERED * Math.min(box.area(), other.area()));
  }

  private static double shared(BoundingBox a, BoundingBox b) {
    double width = Math.min(a.xMax(), b.xMax()) - Math.max(a.xMin(), b.xMin());
    double height = Math.min(a.yMax(), b.yMax()) - Math.max(a.yMin(), b.yMin());
    return Math.max(0, width) * Math.max(0, height);
  }

  private static void draw(
      PhotoCache.Scaled photo, BoundingBox from, boolean mirror, Mat canvas, Rect to) {
    double ax = to.width() / (mirror ? -from.width() : from.width());
    double ay = to.height() / from.height();
    double left = mirror ? from.xMax() : from.xMin();
    try (Mat cut = new Mat(to.height(), to.width(), opencv_core.CV_8UC3);
        Mat target = new Mat(canvas, to)) {
      photo.draw(cut, new Placement(ax, -ax * left, ay, -ay * from.yMin()));
      blend(cut, target);
    }
  }

  /** Nothing of the cut at its edge, all of it a quarter of its shorter side further in. */
  private static void blend(Mat cut, Mat target) {
    int margin = Math.min(cut.cols(), cut.rows()) / 8;
    try (Scalar none = Scalar.all(0);
        Scalar all = Scalar.all(1);
        Mat own = new Mat(cut.rows(), cut.cols(), opencv_core.CV_32FC1, none);
        Mat rest = new Mat(cut.rows(), cut.cols(), opencv_core.CV_32FC1, all);
        Rect inside = new Rect(margin, margin, cut.cols() - 2 * margin, cut.rows() - 2 * margin);
        Mat core = new Mat(own, inside);
        Size square = new Size(1 + 2 * margin, 1 + 2 * margin);
        Point centre = new Point(-1, -1);
        Mat blended = new Mat()) {
      core.put(all);
      opencv_imgproc.blur(own, own, square, centre, opencv_core.BORDER_CONSTANT);
      opencv_core.subtract(rest, own, rest);
      opencv_imgproc.blendLinear(cut, target, own, rest, blended);
      blended.copyTo(target);
    }
  }
}
