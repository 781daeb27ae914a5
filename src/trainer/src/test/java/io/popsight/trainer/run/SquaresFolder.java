package io.popsight.trainer.run;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** A VOC folder of dark photos with one bright square each, red or green, the classes. */
final class SquaresFolder {

  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  private SquaresFolder() {}

  static Path make(Path dir, int photos) throws IOException {
    return make(dir, photos, "green");
  }

  /** With another name for the squares that are not red, or for all when it is blue. */
  static Path make(Path dir, int photos, String other) throws IOException {
    Path pictures = Files.createDirectories(dir.resolve("JPEGImages"));
    Path annotations = Files.createDirectories(dir.resolve("Annotations"));
    Path splits = Files.createDirectories(dir.resolve("ImageSets/Main"));
    Random random = new Random(5);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < photos; i++) {
      String name = "square%02d".formatted(i);
      names.add(name);
      boolean red = i % 2 == 0;
      int side = 20 + random.nextInt(12);
      int x = random.nextInt(WIDTH - side);
      int y = random.nextInt(HEIGHT - side);
      BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      Graphics pen = picture.getGraphics();
      pen.setColor(red ? Color.RED : Color.GREEN);
      pen.fillRect(x, y, side, side);
      pen.dispose();
      ImageIO.write(picture, "jpg", pictures.resolve(name + ".jpg").toFile());
      Files.writeString(
          annotations.resolve(name + ".xml"),
          """
          <annotation><filename>%s.jpg</filename>
          <size><width>%d</width><height>%d</height><depth>3</depth></size>
          <object><name>%s</name><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>
          </annotation>
          """
              .formatted(
                  name,
                  WIDTH,
                  HEIGHT,
                  red && !other.equals("blue") ? "red" : other,
                  x + 1,
                  y + 1,
                  x + side,
                  y + side));
    }
    Files.write(splits.resolve("train.txt"), names);
    Files.write(splits.resolve("val.txt"), names);
    return dir;
  }

  /** A configuration for it, small enough to train in seconds. */
  static Path config(Path file, Path data, int epochs) throws IOException {
    return Files.writeString(
        file,
        """
        name: squares
        version: "1"
        about: Squares for a test.
        data: {format: voc, dir: %s, train: train, validate: val}
        inputHeight: 64
        inputWidth: 96
        network: {kind: residual, widths: [8, 16, 16, 16, 16], units: [1, 1, 1, 1], neck: 16, weightBits: 1, threshold: channel}
        from: ""
        epochs: %d
        batch: 4
        learningRate: 0.01
        hoyer: 0.05
        boxWeight: 2.5
        average: 0.9
        mosaicUntil: 0.5
        evaluateEvery: 0
        seed: 1
        threads: 1
        precision: float32
        loaders: 2
        minScore: 0.3
        iou: 0.5
        backend: popcount
        augment: {horizontalFlip: 0.5, verticalFlip: 0, mosaic: 0.2, scale: 0.1, shift: 0.1, brightness: 0.1, saturation: 0.1}
        """
            .formatted(data, epochs));
  }
}
