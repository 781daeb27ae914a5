package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Disturbance;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** Makes a varied sample of a photo, or of four. */
final class Augmenter {

  private static final int BITS = 16;
  private static final int ONE = 1 << BITS;

  private final AugmentSettings settings;
  private final PhotoCache photos;
  private final Pasting pasting;
  private final int height;
  private final int width;

  Augmenter(AugmentSettings settings, PhotoCache photos, int height, int width) {
    this.settings = settings;
    this.photos = photos;
    this.pasting = new Pasting(photos, settings);
    this.height = height;
    this.width = width;
  }

  Sample make(int index, RandomGenerator random) {
    try (Mat canvas = new Mat(height, width, opencv_core.CV_8UC3, Scalar.all(Letterbox.BAR))) {
      List<GroundTruth> objects = new ArrayList<>();
      if (random.nextDouble() < settings.mosaic()) {
        int x = (int) (width * random.nextDouble(0.3, 0.7));
        int y = (int) (height * random.nextDouble(0.3, 0.7));
        int[] lefts = {0, x, 0, x, width};
        int[] tops = {0, 0, y, y, height};
        for (int q = 0; q < 4; q++) {
          int photo = q == 0 ? index : random.nextInt(photos.size());
          int right = q % 2 == 0 ? x : width;
          int bottom = q < 2 ? y : height;
          place(
              photo,
              canvas,
              new Rect(lefts[q], tops[q], right - lefts[q], bottom - tops[q]),
              random,
              objects);
        }
      } else {
        place(index, canvas, new Rect(0, 0, width, height), random, objects);
      }
      // Runs without it draw the numbers that they drew before there was any.
      if (settings.paste() > 0 && random.nextDouble() < settings.paste()) {
        pasting.onto(canvas, objects, random);
      }
      if (random.nextDouble() < settings.blur()) {
        blur(canvas, random);
      }
      byte[] rgb = new byte[height * width * 3];
      try (BytePointer data = canvas.data()) {
        data.get(rgb);
      }
      colour(rgb, random);
      if (random.nextDouble() < settings.noise()) {
        Disturbance.addNoise(rgb, random.nextDouble(Disturbance.NOISE_DEVIATION), random);
      }
      return new Sample(rgb, List.copyOf(objects));
    }
  }

  private void place(
      int photo, Mat canvas, Rect window, RandomGenerator random, List<GroundTruth> objects) {
    PhotoCache.Scaled scaled = photos.get(photo);
    Letterbox box = scaled.letterbox();
    double factor = 1 + settings.scale() * random.nextDouble(-1, 1);
    boolean mirror = random.nextDouble() < settings.horizontalFlip();
    boolean upsideDown = random.nextDouble() < settings.verticalFlip();
    double ax = mirror ? -factor : factor;
    double ay = upsideDown ? -factor : factor;
    // The centre of the photo lands near the centre of the window.
    double cx =
        window.x() + window.width() / 2.0 + width * settings.shift() * random.nextDouble(-1, 1);
    double cy =
        window.y() + window.height() / 2.0 + height * settings.shift() * random.nextDouble(-1, 1);
    Placement placement =
        new Placement(ax, cx - ax * box.width() / 2.0, ay, cy - ay * box.height() / 2.0);
    try (Mat target = new Mat(canvas, window)) {
      scaled.draw(target, placement.movedBy(-window.x(), -window.y()));
    }
    objects.addAll(
        placement.move(
            scaled.objects(),
            new BoundingBox(
                window.x(), window.y(), window.x() + window.width(), window.y() + window.height()),
            box.width(),
            box.height()));
  }

  private void colour(byte[] rgb, RandomGenerator random) {
    double saturation = 1 + settings.saturation() * random.nextDouble(-1, 1);
    double light = 1 + settings.brightness() * random.nextDouble(-1, 1);
    // A channel becomes own * channel + shared * (red + green + blue), in fixed point: with floats
    // this loop took longer than all else of a sample.
    int[] own = new int[3];
    int[] shared = new int[3];
    for (int c = 0; c < 3; c++) {
      double gain = light * (1 + 0.25 * settings.brightness() * random.nextDouble(-1, 1));
      own[c] = (int) Math.round(gain * saturation * ONE);
      shared[c] = (int) Math.round(gain * (1 - saturation) / 3 * ONE);
    }
    for (int i = 0; i < rgb.length; i += 3) {
      int red = rgb[i] & 255;
      int green = rgb[i + 1] & 255;
      int blue = rgb[i + 2] & 255;
      int sum = red + green + blue;
      rgb[i] = rounded(own[0] * red + shared[0] * sum);
      rgb[i + 1] = rounded(own[1] * green + shared[1] * sum);
      rgb[i + 2] = rounded(own[2] * blue + shared[2] * sum);
    }
  }

  private static void blur(Mat canvas, RandomGenerator random) {
    try (Size rectangle = new Size(blurSide(random), blurSide(random));
        Point centre = new Point(-1, -1)) {
      opencv_imgproc.blur(canvas, canvas, rectangle, centre, opencv_core.BORDER_REPLICATE);
    }
  }

  /** An odd number, so that things stay where they are. */
  private static int blurSide(RandomGenerator random) {
    return 1 + 2 * random.nextInt((Disturbance.BLUR_SIDE + 1) / 2);
  }

  private static byte rounded(int value) {
    return (byte) Math.clamp((value + ONE / 2) >> BITS, 0, 255);
  }
}
