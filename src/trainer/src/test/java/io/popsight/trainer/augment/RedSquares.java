package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Blue photos with one red square each, at another place in each: where red is, the box must be.
 */
final class RedSquares {

  static final int WIDTH = 96;
  static final int HEIGHT = 64;

  private RedSquares() {}

  static DataSet in(Path dir, int photos) throws IOException {
    List<LabeledPhoto> labeled = new ArrayList<>();
    for (int i = 0; i < photos; i++) {
      int x = 8 + 7 * i % 56;
      int y = 6 + 5 * i % 32;
      BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      Graphics pen = picture.getGraphics();
      pen.setColor(Color.BLUE);
      pen.fillRect(0, 0, WIDTH, HEIGHT);
      pen.setColor(Color.RED);
      pen.fillRect(x, y, 24, 20);
      pen.dispose();
      Path file = dir.resolve(i + ".png");
      ImageIO.write(picture, "png", file.toFile());
      GroundTruth truth = new GroundTruth(0, new BoundingBox(x, y, x + 24, y + 20), false);
      labeled.add(new LabeledPhoto(file, List.of(truth)));
    }
    return new DataSet("squares", List.of("square"), labeled);
  }

  static boolean red(byte[] rgb, int width, int x, int y) {
    int at = (y * width + x) * 3;
    return (rgb[at] & 255) > 200 && (rgb[at + 2] & 255) < 55;
  }
}
