package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DisturbanceTest {

  private static final int WIDTH = 64;
  private static final int HEIGHT = 48;

  @ParameterizedTest
  @EnumSource(Disturbance.class)
  void photo_keepsItsSize_changes_andDoesSoTheSameWayTwice(Disturbance disturbance) {
    try (Photo photo = smooth();
        Photo once = disturbance.apply(photo, 3);
        Photo again = disturbance.apply(photo, 3)) {
      assertThat(once.width()).isEqualTo(WIDTH);
      assertThat(once.height()).isEqualTo(HEIGHT);
      assertThat(once.rgb()).isEqualTo(again.rgb()).isNotEqualTo(photo.rgb());
    }
  }

  @Test
  void dark_isAThirdOfTheLight() {
    try (Photo photo = smooth();
        Photo dark = Disturbance.DARK.apply(photo, 0)) {
      assertThat(mean(dark)).isCloseTo(mean(photo) / 3, within(0.5));
    }
  }

  @Test
  void jpegAndNoise_leaveTheColoursAsTheyAre() {
    try (Photo photo = smooth();
        Photo noisy = Disturbance.NOISE.apply(photo, 0);
        Photo pressed = Disturbance.JPEG.apply(photo, 0)) {
      for (int channel = 0; channel < 3; channel++) {
        assertThat(mean(noisy, channel)).isCloseTo(mean(photo, channel), within(2.0));
        assertThat(mean(pressed, channel)).isCloseTo(mean(photo, channel), within(2.0));
      }
    }
  }

  @Test
  void blur_evensNoiseOut() {
    byte[] noise = new byte[WIDTH * HEIGHT * 3];
    new Random(1).nextBytes(noise);
    try (Photo photo = Photo.of(WIDTH, HEIGHT, noise);
        Photo blurred = Disturbance.BLUR.apply(photo, 0)) {
      assertThat(deviation(blurred)).isLessThan(deviation(photo) / 4);
    }
  }

  @Test
  void upsideDown_movesTheFirstPixelToTheEnd() {
    try (Photo photo = smooth();
        Photo turned = Disturbance.UPSIDE_DOWN.apply(photo, 0)) {
      byte[] rgb = turned.rgb();
      assertThat(rgb[rgb.length - 1]).isEqualTo(photo.rgb()[2]);
      assertThat(Disturbance.UPSIDE_DOWN.keepsBoxes()).isFalse();
    }
  }

  /** Red rises to the right, green downwards, blue is even; none is near an end of its range. */
  private static Photo smooth() {
    byte[] rgb = new byte[WIDTH * HEIGHT * 3];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int at = 3 * (y * WIDTH + x);
        rgb[at] = (byte) (100 + x);
        rgb[at + 1] = (byte) (80 + y);
        rgb[at + 2] = (byte) 140;
      }
    }
    return Photo.of(WIDTH, HEIGHT, rgb);
  }

  private static double mean(Photo photo) {
    return (mean(photo, 0) + mean(photo, 1) + mean(photo, 2)) / 3;
  }

  private static double mean(Photo photo, int channel) {
    byte[] rgb = photo.rgb();
    double sum = 0;
    for (int i = channel; i < rgb.length; i += 3) {
      sum += rgb[i] & 0xff;
    }
    return sum * 3 / rgb.length;
  }

  private static double deviation(Photo photo) {
    byte[] rgb = photo.rgb();
    double mean = mean(photo);
    double squares = 0;
    for (byte value : rgb) {
      squares += ((value & 0xff) - mean) * ((value & 0xff) - mean);
    }
    return Math.sqrt(squares / rgb.length);
  }
}
