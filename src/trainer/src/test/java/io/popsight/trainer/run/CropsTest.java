package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import io.popsight.trainer.data.ObjectCrops;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** From boxes to crops, from crops to a backbone, from the backbone to a detector. */
final class CropsTest {

  private static final int PHOTOS = 6;

  @TempDir private Path folder;

  private final StringWriter told = new StringWriter();

  @Test
  void backboneLearnsFromCrops_andDetectionGoesOnFromIt() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("data"), PHOTOS);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    Path classifier = folder.resolve("classifier");

    String out = train(config.toString(), "--crops", "--out", folder.resolve("cut").toString());
    Path crops = folder.resolve("cut/crops");
    train(
        config.toString(),
        "task=classification",
        "data.format=folders",
        "data.dir=" + crops,
        "inputWidth=64",
        "--out",
        classifier.toString());
    String before = told.toString();
    train(
        config.toString(),
        "from=" + classifier.resolve("checkpoint.pt"),
        "--out",
        folder.resolve("detector").toString());

    assertThat(out).startsWith("%d crops in ".formatted(2 * PHOTOS));
    DataSet cut = DataSet.read("folders", crops, "train", List.of(), told::append);
    assertThat(cut.labels()).containsExactly("green", "red");
    assertThat(cut.photos()).hasSize(PHOTOS);
    for (LabeledPhoto crop : cut.photos()) {
      boolean red = cut.labels().get(crop.objects().getFirst().classId()).equals("red");
      Color middle = middle(crop.photo());
      assertThat(red ? middle.getRed() : middle.getGreen()).isGreaterThan(200);
      assertThat(red ? middle.getGreen() : middle.getRed()).isLessThan(60);
    }
    assertThat(told.toString().substring(before.length()).lines())
        .filteredOn(line -> line.startsWith("not in "))
        .isNotEmpty()
        .allMatch(line -> line.contains(": neck") || line.contains(": head"));
  }

  @Test
  void smallAndDifficultBoxes_areLeftOut() throws IOException {
    Path photo = folder.resolve("photo.png");
    ImageIO.write(new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
    DataSet set =
        new DataSet(
            "set",
            List.of("thing"),
            List.of(
                new LabeledPhoto(
                    photo,
                    List.of(
                        new GroundTruth(0, new BoundingBox(0, 0, 90, 15), false),
                        new GroundTruth(0, new BoundingBox(10, 10, 50, 50), true),
                        new GroundTruth(0, new BoundingBox(60, 20, 100, 60), false)))));

    int written = ObjectCrops.write(set, folder.resolve("crops"));

    assertThat(written).isOne();
    BufferedImage crop = ImageIO.read(folder.resolve("crops/thing/photo-3.jpg").toFile());
    // 15 % around the box where the photo has them.
    assertThat(crop.getWidth()).isEqualTo(100 - 54);
    assertThat(crop.getHeight()).isEqualTo(66 - 14);
  }

  @Test
  void photosOfOneName_areAllCut() throws IOException {
    BoundingBox box = new BoundingBox(0, 0, 90, 70);
    List<LabeledPhoto> photos = new ArrayList<>();
    for (String camera : List.of("one", "two")) {
      Path photo = folder.resolve(camera).resolve("0001.png");
      Files.createDirectories(photo.resolveSibling(""));
      ImageIO.write(new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
      photos.add(new LabeledPhoto(photo, List.of(new GroundTruth(0, box, false))));
    }

    ObjectCrops.write(new DataSet("set", List.of("thing"), photos), folder.resolve("crops"));

    assertThat(folder.resolve("crops/thing")).isDirectoryContaining("glob:**-1.jpg");
    assertThat(folder.resolve("crops/thing")).isDirectoryContaining("glob:**-2.jpg");
  }

  @Test
  void classThatNoFolderCanBeCalledAs_isRefused() {
    DataSet set = new DataSet("set", List.of("../thing"), List.of());

    assertThatThrownBy(() -> ObjectCrops.write(set, folder.resolve("crops")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'../thing'");
    assertThat(Files.exists(folder.resolve("thing"))).isFalse();
  }

  private static Color middle(Path photo) throws IOException {
    BufferedImage image = ImageIO.read(photo.toFile());
    return new Color(image.getRGB(image.getWidth() / 2, image.getHeight() / 2));
  }

  private String train(String... arguments) {
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new TrainCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(told, true))
            .execute(arguments);
    assertThat(code).as(told.toString()).isZero();
    return out.toString();
  }
}
