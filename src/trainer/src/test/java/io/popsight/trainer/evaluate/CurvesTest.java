package io.popsight.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class CurvesTest {

  private static final int EPOCHS = 300;

  /** Pixels; joints of a line are paler than it. */
  private static final int GAP = 3;

  @Test
  void linesOfOneColour_differInTheirDashes() throws IOException {
    assertThat(mostPieces(plot(10))).as("ten colours").isLessThan(5);
    assertThat(mostPieces(plot(11))).as("a colour again").isGreaterThan(20);
  }

  @Test
  void legendOfManyLines_fitsIntoThePicture() throws IOException {
    BufferedImage picture = plot(40);

    assertThat(IntStream.range(850, 1000).map(x -> picture.getRGB(x, 0)).distinct()).hasSize(1);
    assertThat(picture.getHeight()).isGreaterThan(plot(10).getHeight());
  }

  /** Flat lines, one above the other. */
  private static BufferedImage plot(int lines) throws IOException {
    Curves curves = new Curves("Spike rate", "epoch", "mean");
    double[] epochs = IntStream.rangeClosed(1, EPOCHS).asDoubleStream().toArray();
    for (int layer = 0; layer < lines; layer++) {
      double[] flat = new double[EPOCHS];
      Arrays.fill(flat, layer);
      curves.line("layer" + layer, epochs, flat);
    }
    return ImageIO.read(new ByteArrayInputStream(curves.png()));
  }

  /** Of the rows of a picture, in how many coloured pieces the most broken one is. */
  private static int mostPieces(BufferedImage picture) {
    return IntStream.range(60, picture.getHeight() - 100)
        .map(
            y ->
                (int)
                    IntStream.range(150, 700)
                        .filter(x -> coloured(picture, x, y))
                        .filter(
                            x ->
                                IntStream.range(x - GAP, x).noneMatch(i -> coloured(picture, i, y)))
                        .count())
        .max()
        .orElse(0);
  }

  private static boolean coloured(BufferedImage picture, int x, int y) {
    int rgb = picture.getRGB(x, y);
    int red = rgb >> 16 & 255;
    int blue = rgb & 255;
    return Math.abs(red - blue) > 60;
  }
}
