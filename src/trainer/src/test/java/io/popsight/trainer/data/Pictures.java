package io.popsight.trainer.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Small files for layouts made in tests. */
final class Pictures {

  private Pictures() {}

  static void jpeg(Path file, int width, int height) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "jpg", file.toFile());
  }
}
