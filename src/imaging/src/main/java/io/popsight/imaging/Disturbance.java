package io.popsight.imaging;

import java.util.Random;
import java.util.random.RandomGenerator;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Size;

/** What weather, night and cheap cameras do to a photo, to see what it does to a model. */
public enum Disturbance {
  /** Out of focus: the mean of a square of 9 x 9 pixels. */
  BLUR,
  /** Gaussian noise with a deviation of 25 of 255, each byte on its own. */
  NOISE,
  /** A third of the light. */
  DARK,
  /** JPEG at quality 30. */
  JPEG,
  /** Turned by half a circle. */
  UPSIDE_DOWN;

  /** Side of {@link #BLUR}'s square, in pixels. */
  public static final int BLUR_SIDE = 9;

  /** Deviation of {@link #NOISE}, of 255. */
  public static final int NOISE_DEVIATION = 25;

  private static final double LIGHT = 1.0 / 3;
  private static final int QUALITY = 30;

  /** Whether things stay where they are, so that their boxes still hold. */
  public boolean keepsBoxes() {
    return this != UPSIDE_DOWN;
  }

  /**
   * A disturbed copy.
   *
   * @param seed of the noise; the same photo and seed give the same bytes
   */
  public Photo apply(Photo photo, long seed) {
    return switch (this) {
      case BLUR -> blurred(photo);
      case NOISE -> noisy(photo, new Random(seed));
      case DARK -> dark(photo);
      case JPEG -> pressed(photo);
      case UPSIDE_DOWN -> turned(photo);
    };
  }

  private static Photo blurred(Photo photo) {
    Mat blurred = new Mat();
    try (Size square = new Size(BLUR_SIDE, BLUR_SIDE);
        Point centre = new Point(-1, -1)) {
      opencv_imgproc.blur(photo.mat(), blurred, square, centre, opencv_core.BORDER_REPLICATE);
    }
    return new Photo(blurred);
  }

  private static Photo noisy(Photo photo, Random random) {
    byte[] rgb = photo.rgb();
    addNoise(rgb, NOISE_DEVIATION, random);
    return Photo.of(photo.width(), photo.height(), rgb);
  }

  /** Gaussian noise on each byte on its own, in place. */
  public static void addNoise(byte[] rgb, double deviation, RandomGenerator random) {
    for (int i = 0; i < rgb.length; i++) {
      long value = Math.round((rgb[i] & 0xff) + deviation * random.nextGaussian());
      rgb[i] = (byte) Math.clamp(value, 0, 255);
    }
  }

  private static Photo dark(Photo photo) {
    Mat dark = new Mat();
    photo.mat().convertTo(dark, -1, LIGHT, 0);
    return new Photo(dark);
  }

  private static Photo pressed(Photo photo) {
    return new PhotoDecoder(PhotoLimits.DEFAULT).decode(PhotoEncoder.jpeg(photo, QUALITY));
  }

  private static Photo turned(Photo photo) {
    Mat turned = new Mat();
    opencv_core.rotate(photo.mat(), turned, opencv_core.ROTATE_180);
    return new Photo(turned);
  }
}
