package io.popsight.service.command;

import java.util.Locale;
import java.util.Random;

/** What happens to a camera, done to the pixels of a photo. */
enum Disturbance {
  /** A third of the light. */
  DARKENED {
    @Override
    byte[] of(byte[] rgb, int width, int height, Random random) {
      byte[] dark = new byte[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        dark[i] = (byte) ((rgb[i] & 0xFF) / 3);
      }
      return dark;
    }
  },
  /** Out of focus: the mean of a square of 9 pixels, along rows and along columns. */
  BLURRED {
    @Override
    byte[] of(byte[] rgb, int width, int height, Random random) {
      return mean(mean(rgb, width, height, 3, 3 * width), height, width, 3 * width, 3);
    }
  },
  /** A sensor in the dark: Gaussian noise with a standard deviation of 25 of 255. */
  NOISY {
    @Override
    byte[] of(byte[] rgb, int width, int height, Random random) {
      byte[] noisy = new byte[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        long value = Math.round((rgb[i] & 0xFF) + 25 * random.nextGaussian());
        noisy[i] = (byte) Math.clamp(value, 0, 255);
      }
      return noisy;
    }
  },
  /** Mounted the wrong way round: turned by 180 degrees. */
  UPSIDE_DOWN {
    @Override
    byte[] of(byte[] rgb, int width, int height, Random random) {
      byte[] turned = new byte[rgb.length];
      for (int pixel = 0, last = width * height - 1; pixel <= last; pixel++) {
        System.arraycopy(rgb, 3 * pixel, turned, 3 * (last - pixel), 3);
      }
      return turned;
    }
  };

  private static final int RADIUS = 4;

  /**
   * Disturbs a photo.
   *
   * @param rgb layout [rows][columns][3]; stays as it is
   * @param random for what is random
   */
  abstract byte[] of(byte[] rgb, int width, int height, Random random);

  /** As it is written in a table. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * The mean along lines: {@code step} bytes between two pixels, {@code jump} between two lines.
   */
  private static byte[] mean(byte[] rgb, int length, int lines, int step, int jump) {
    byte[] mean = new byte[rgb.length];
    for (int line = 0; line < lines; line++) {
      for (int channel = 0; channel < 3; channel++) {
        int start = line * jump + channel;
        for (int at = 0; at < length; at++) {
          int sum = 0;
          for (int near = at - RADIUS; near <= at + RADIUS; near++) {
            sum += rgb[start + step * Math.clamp(near, 0, length - 1)] & 0xFF;
          }
          mean[start + step * at] = (byte) (sum / (2 * RADIUS + 1));
        }
      }
    }
    return mean;
  }
}
