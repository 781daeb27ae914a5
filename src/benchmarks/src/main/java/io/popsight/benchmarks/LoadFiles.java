package io.popsight.benchmarks;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** What {@code load.sh} needs: one photo in three sizes, and a model's float twin. */
public final class LoadFiles {

  private static final int[] WIDTHS = {320, 640, 1920};

  private LoadFiles() {}

  /** Arguments: a photo, a model file, the folder to write to. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[2]));
    BufferedImage photo = ImageIO.read(Path.of(args[0]).toFile());
    for (int width : WIDTHS) {
      ImageIO.write(scaled(photo, width), "jpeg", folder.resolve(width + ".jpg").toFile());
    }
    if (!(ModelFile.read(Path.of(args[1])).network()
        instanceof ModelFile.Network.Typed(ModelGraph graph))) {
      throw new IllegalArgumentException("the model is outside the subset");
    }
    Files.write(folder.resolve("twin.onnx"), FloatTwin.network(graph, false));
  }

  private static BufferedImage scaled(BufferedImage photo, int width) {
    int height = width * photo.getHeight() / photo.getWidth();
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(photo, 0, 0, width, height, null);
    graphics.dispose();
    return scaled;
  }
}
