package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import io.popsight.trainer.data.ObjectCrops;
import io.popsight.trainer.data.PictureFolder;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
        .filteredOn(line -> line.contains("checkpoint.pt: "))
        .isNotEmpty()
        .allMatch(
            line ->
                line.matches(
                    ".*: ((neck|head)\\S+ is not there|head32.* is 2 wide there and 6 in this run)"));
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

    PictureFolder crops = new PictureFolder(folder.resolve("crops"));
    ObjectCrops.write(Map.of("all", set), crops);

    assertThat(crops.pictures()).isOne();
    BufferedImage crop = ImageIO.read(folder.resolve("crops/all/thing/photo-3.jpg").toFile());
    // 15 % around the box where the photo has them.
    assertThat(crop.getWidth()).isEqualTo(100 - 54);
    assertThat(crop.getHeight()).isEqualTo(66 - 14);
  }

  @Test
  void nothingToCutOut_isRefused_andWhatIsThereStays() throws IOException {
    DataSet empty =
        new DataSet(
            "set",
            List.of("thing"),
            List.of(new LabeledPhoto(folder.resolve("photo.png"), List.of())));
    Path kept = Files.createDirectories(folder.resolve("crops/all/thing")).resolve("a.jpg");
    Files.createFile(kept);

    assertThatThrownBy(
            () ->
                ObjectCrops.write(Map.of("all", empty), new PictureFolder(folder.resolve("crops"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no photo has an object of 16 pixels or more that is not marked as difficult: no crops");
    assertThat(kept).exists();
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

    ObjectCrops.write(
        Map.of("all", new DataSet("set", List.of("thing"), photos)),
        new PictureFolder(folder.resolve("crops")));

    assertThat(folder.resolve("crops/all/thing")).isDirectoryContaining("glob:**-1.jpg");
    assertThat(folder.resolve("crops/all/thing")).isDirectoryContaining("glob:**-2.jpg");
  }

  /** A box that was removed, one of another class now, and a class that is gone. */
  @Test
  void cropsOfChangedLabels_areAllThatIsThere_butWhatPeoplePutThere() throws IOException {
    Path data = SquaresFolder.make(folder.resolve("data"), 3);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    Path annotations = data.resolve("Annotations");
    Path crops = folder.resolve("run/crops");
    String[] command = {config.toString(), "--crops", "--out", folder.resolve("run").toString()};
    Files.createDirectories(crops.resolve("train/red"));
    Path older = Files.writeString(crops.resolve("train/red/square99-1.jpg"), "older");
    train(command);
    Path own = Files.writeString(crops.resolve("train/green/own-1.jpg"), "own");
    assertThat(files(crops.resolve("val")))
        .containsExactly("green/square01-1.jpg", "red/square00-1.jpg", "red/square02-1.jpg");

    Path first = annotations.resolve("square00.xml");
    Files.writeString(first, Files.readString(first).replaceFirst("(?s)<object>.*</object>", ""));
    for (String photo : List.of("square01", "square02")) {
      Path file = annotations.resolve(photo + ".xml");
      Files.writeString(file, Files.readString(file).replaceFirst("green|red", "blue"));
    }
    String out = train(command);

    assertThat(out).startsWith("4 crops in " + crops);
    assertThat(told.toString()).contains("2 files there are none of them and stay, such as " + own);
    assertThat(files(crops))
        .containsExactly(
            "train/blue/square01-1.jpg",
            "train/blue/square02-1.jpg",
            "train/green/own-1.jpg",
            "train/red/square99-1.jpg",
            "val/blue/square01-1.jpg",
            "val/blue/square02-1.jpg");
    assertThat(older).hasContent("older");
    assertThat(crops.resolve("val/red")).doesNotExist();
  }

  /** As a folder of crops may come to be a link to photos of one's own. */
  @Test
  void whatLiesBehindALink_stays() throws IOException {
    PictureFolder pictures = new PictureFolder(folder.resolve("pictures"));
    pictures.makeFolder(Path.of("red"));
    pictures.write(Path.of("red/a.jpg"), new byte[1]);
    pictures.write(Path.of("b.jpg"), new byte[1]);
    Path own = folder.resolve("own");
    Files.move(folder.resolve("pictures/red"), own);
    Files.createSymbolicLink(folder.resolve("pictures/red"), own);
    Files.writeString(folder.resolve("outside.jpg"), "outside");
    Files.writeString(folder.resolve("pictures/.written"), "../outside.jpg\nb.jpg\nred/a.jpg\n");

    new PictureFolder(folder.resolve("pictures")).clear();

    assertThat(folder.resolve("pictures/b.jpg")).doesNotExist();
    assertThat(own.resolve("a.jpg")).exists();
    assertThat(folder.resolve("pictures/red")).isSymbolicLink();
    assertThat(folder.resolve("outside.jpg")).hasContent("outside");
  }

  @Test
  void nameThatNoFolderCanHave_isRefused_andNothingIsDeleted() throws IOException {
    PictureFolder crops = new PictureFolder(folder.resolve("crops"));
    crops.write(Path.of("before.jpg"), new byte[1]);
    DataSet thing = new DataSet("set", List.of("../thing"), List.of());
    DataSet empty = new DataSet("set", List.of("thing"), List.of());

    assertThatThrownBy(() -> ObjectCrops.write(Map.of("all", thing), crops))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the class '../thing'");
    assertThatThrownBy(() -> ObjectCrops.write(Map.of("a/../../all", empty), crops))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the split 'a/../../all'");
    assertThat(files(folder)).containsExactly("crops/before.jpg");
  }

  /** Those in a folder that are not hidden, sorted. */
  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .filter(file -> !file.contains("/."))
          .filter(file -> !file.startsWith("."))
          .sorted()
          .toList();
    }
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
