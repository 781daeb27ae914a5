package io.popsight.imaging;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import java.awt.Color;
import java.util.List;
import java.util.Locale;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws boxes on a photo, each class in its colour, lines and letters in proportion to the photo.
 */
public final class Annotator {

  private static final int FONT = opencv_imgproc.FONT_HERSHEY_SIMPLEX;

  /** A step of the golden ratio around the colour wheel keeps neighbouring classes apart. */
  private static final float HUE_STEP = 0.618034f;

  private final Photo photo;
  private final int line;
  private final double letters;

  private Annotator(Photo photo) {
    this.photo = photo;
    int longest = Math.max(photo.width(), photo.height());
    this.line = Math.max(1, Math.round(longest / 320f));
    this.letters = Math.max(0.35, longest / 1400.0);
  }

  /**
   * A box to draw.
   *
   * @param classId decides its colour
   * @param box edges in pixels of the photo
   * @param caption what stands above it
   */
  public record CaptionedBox(int classId, BoundingBox box, String caption) {

    /** What was found, with its score. */
    public static CaptionedBox of(Detection detection, List<String> labels) {
      return new CaptionedBox(
          detection.classId(),
          detection.box(),
          String.format(
              Locale.ROOT, "%s %.2f", labels.get(detection.classId()), detection.score()));
    }
  }

  /**
   * Draws into the photo itself, the best box last and so on top.
   *
   * @param labels class names, the index being the class id
   */
  public static void draw(Photo photo, List<Detection> detections, List<String> labels) {
    draw(photo, detections.stream().map(d -> CaptionedBox.of(d, labels)).toList());
  }

  /** Draws into the photo itself, the first box last and so on top. */
  public static void draw(Photo photo, List<CaptionedBox> boxes) {
    Annotator annotator = new Annotator(photo);
    boxes.reversed().forEach(annotator::draw);
  }

  private void draw(CaptionedBox captioned) {
    BoundingBox box = captioned.box();
    int left = Math.round(box.xMin());
    int top = Math.round(box.yMin());
    Mat canvas = photo.mat();
    try (Scalar colour = colour(captioned.classId());
        Point from = new Point(left, top);
        Point to = new Point(Math.round(box.xMax()) - 1, Math.round(box.yMax()) - 1)) {
      opencv_imgproc.rectangle(canvas, from, to, colour, line, opencv_imgproc.LINE_8, 0);
    }
    caption(captioned, left, top);
  }

  private void caption(CaptionedBox captioned, int left, int top) {
    String text = captioned.caption();
    int strokes = Math.max(1, line / 2);
    int[] baseline = new int[1];
    try (Size size = opencv_imgproc.getTextSize(text, FONT, letters, strokes, baseline)) {
      int height = size.height() + baseline[0];
      // Above the box, or inside it where the photo ends.
      int bottom = top - height >= 0 ? top : top + height;
      try (Scalar colour = colour(captioned.classId());
          Scalar black = new Scalar(0, 0, 0, 0);
          Point from = new Point(left, bottom - height);
          Point to = new Point(left + size.width(), bottom);
          Point start = new Point(left, bottom - baseline[0])) {
        Mat canvas = photo.mat();
        int filled = opencv_imgproc.FILLED;
        opencv_imgproc.rectangle(canvas, from, to, colour, filled, opencv_imgproc.LINE_8, 0);
        opencv_imgproc.putText(
            canvas, text, start, FONT, letters, black, strokes, opencv_imgproc.LINE_AA, false);
      }
    }
  }

  private static Scalar colour(int classId) {
    Color colour = Color.getHSBColor(0.33f + classId * HUE_STEP, 0.75f, 1);
    return new Scalar(colour.getRed(), colour.getGreen(), colour.getBlue(), 0);
  }
}
