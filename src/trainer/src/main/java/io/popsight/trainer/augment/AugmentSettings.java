package io.popsight.trainer.augment;

import io.popsight.imaging.Disturbance;

/**
 * How samples are varied.
 *
 * @param horizontalFlip share of samples mirrored left to right
 * @param verticalFlip share of samples mirrored upside down
 * @param mosaic share of samples put together of four photos (Bochkovskiy et al., "YOLOv4", 2020)
 * @param scale the photo is scaled by a factor between 1 - scale and 1 + scale
 * @param shift the photo moves by up to this share of the input
 * @param brightness channels are multiplied by a factor between 1 - brightness and 1 + brightness
 * @param saturation colours are moved from or to grey by a factor between 1 - saturation and 1 +
 *     saturation
 * @param blur share of samples whose pixels become means of rectangles, of up to {@value
 *     Disturbance#BLUR_SIDE} pixels a side: out of focus, or moved
 * @param noise share of samples with Gaussian noise, of a deviation of up to {@value
 *     Disturbance#NOISE_DEVIATION} of 255
 * @param paste share of samples with up to three objects of other photos put in
 */
public record AugmentSettings(
    double horizontalFlip,
    double verticalFlip,
    double mosaic,
    double scale,
    double shift,
    double brightness,
    double saturation,
    double blur,
    double noise,
    double paste) {

  /** Checks ranges. */
  public AugmentSettings {
    requireShare("horizontalFlip", horizontalFlip);
    requireShare("verticalFlip", verticalFlip);
    requireShare("mosaic", mosaic);
    requireShare("scale", scale);
    requireShare("shift", shift);
    requireShare("brightness", brightness);
    requireShare("saturation", saturation);
    requireShare("blur", blur);
    requireShare("noise", noise);
    requireShare("paste", paste);
    if (scale == 1) {
      throw new IllegalArgumentException("augment.scale 1.0 leaves nothing of a photo; below 1");
    }
  }

  private static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("augment.%s %s; 0 to 1".formatted(key, value));
    }
  }

  /** Photos as they are served. */
  public static final AugmentSettings NONE = new AugmentSettings(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** The same of one photo a sample, without mosaic and without what is pasted. */
  public AugmentSettings ofWholePhotos() {
    return new AugmentSettings(
        horizontalFlip, verticalFlip, 0, scale, shift, brightness, saturation, blur, noise, 0);
  }
}
