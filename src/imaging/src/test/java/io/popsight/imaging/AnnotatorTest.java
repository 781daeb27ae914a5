package io.popsight.imaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnnotatorTest {

  private static final int SIDE = 200;

  @Test
  void box_isDrawnOnItsEdgesAndNotInside() {
    try (Photo photo = black()) {
      Detection found = new Detection(1, 0.75f, new BoundingBox(40, 60, 160, 180));
      Annotator.draw(photo, List.of(found), List.of("cat", "dog"));

      byte[] rgb = photo.rgb();
      assertThat(lit(rgb, 100, 60)).as("top edge").isTrue();
      assertThat(lit(rgb, 40, 120)).as("left edge").isTrue();
      assertThat(lit(rgb, 100, 179)).as("bottom edge").isTrue();
      assertThat(lit(rgb, 100, 120)).as("inside").isFalse();
      assertThat(lit(rgb, 20, 120)).as("outside").isFalse();
    }
  }

  @Test
  void captionOfAMarkedBox_isItsNameAlone() {
    BoundingBox box = new BoundingBox(0, 60, 60, 180);
    try (Photo found = black();
        Photo marked = black()) {
      Annotator.draw(found, List.of(new Detection(0, 1, box)), List.of("cat"));
      Annotator.draw(marked, List.of(new Annotator.CaptionedBox(0, box, "cat")));

      assertThat(captionEnd(found.rgb())).isGreaterThan(captionEnd(marked.rgb()) + 10);
    }
  }

  /** Column behind the caption of a box whose upper edge is row 60 and whose left one is 0. */
  private static int captionEnd(byte[] rgb) {
    int x = 0;
    while (lit(rgb, x, 59)) {
      x++;
    }
    return x;
  }

  @Test
  void boxBeyondThePhoto_isDrawnAsFarAsItGoes() {
    try (Photo photo = black()) {
      Detection found = new Detection(0, 1, new BoundingBox(40, 60, 500, 180));
      Annotator.draw(photo, List.of(found), List.of("cat"));

      assertThat(lit(photo.rgb(), SIDE - 1, 60)).as("top edge").isTrue();
      assertThat(lit(photo.rgb(), SIDE - 1, 120)).as("right edge, which is outside").isFalse();
    }
  }

  @Test
  void pngAndJpeg_giveThePixelsBack() {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 200;
      rgb[i + 2] = (byte) 40;
    }
    PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    try (Photo photo = Photo.of(SIDE, SIDE, rgb);
        Photo png = decoder.decode(PhotoEncoder.png(photo));
        Photo jpeg = decoder.decode(PhotoEncoder.jpeg(photo))) {
      assertThat(png.rgb()).isEqualTo(rgb);
      assertThat(jpeg.rgb()[0] & 255).isBetween(196, 204);
      assertThat(jpeg.rgb()[2] & 255).isBetween(34, 46);
    }
  }

  private static Photo black() {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    Arrays.fill(rgb, (byte) 0);
    return Photo.of(SIDE, SIDE, rgb);
  }

  private static boolean lit(byte[] rgb, int x, int y) {
    int at = (y * SIDE + x) * 3;
    return rgb[at] != 0 || rgb[at + 1] != 0 || rgb[at + 2] != 0;
  }
}
