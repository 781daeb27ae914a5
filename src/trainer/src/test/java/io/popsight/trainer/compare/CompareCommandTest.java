package io.popsight.trainer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shipped model beside a Darknet network that says "a car, in the middle" of every photo. */
class CompareCommandTest {

  private static final String STREET = "../../models/popsight-street.onnx";

  /** Of COCO's first classes, the car is number 2. */
  private static final List<String> COCO = List.of("person", "bicycle", "car", "motorbike");

  @TempDir private Path folder = Path.of("");

  @Test
  void contenders_areMeasuredOnTheSamePhotosAndSharedClasses() throws IOException {
    Path out = folder.resolve("out");

    JsonNode document =
        new JsonMapper()
            .readTree(
                compare(
                    STREET,
                    STREET + "@onnx",
                    "--darknet",
                    darknet().toString(),
                    "--data",
                    photos().toString(),
                    "--out",
                    out.toString(),
                    "--json"));

    assertThat(document.get("classes").valueStream().map(JsonNode::asString))
        .containsExactly("car", "motorbike", "person");
    JsonNode popcount = document.get("contenders").get(0);
    JsonNode onnx = document.get("contenders").get(1);
    JsonNode darknet = document.get("contenders").get(2);
    JsonNode converted = document.get("contenders").get(3);
    assertThat(popcount.get("name").asString()).isEqualTo("popsight-street, popcount");
    assertThat(onnx.get("map50").asDouble()).isEqualTo(popcount.get("map50").asDouble());
    assertThat(darknet.get("name").asString()).isEqualTo("middle, OpenCV DNN");
    assertThat(converted.get("name").asString()).isEqualTo("middle, ONNX Runtime");
    for (JsonNode middle : List.of(darknet, converted)) {
      assertThat(middle.get("map50").asDouble()).isCloseTo(1, within(1e-9));
      assertThat(middle.get("bytes").asLong())
          .isEqualTo(Files.size(folder.resolve("middle.weights")));
    }
    for (JsonNode row : document.get("contenders")) {
      assertThat(row.get("ms").asDouble()).isPositive();
    }
    // Its compiled code alone is more; a whole process would be ten times this.
    for (JsonNode row : List.of(popcount, onnx)) {
      assertThat(row.get("resident_bytes").asLong()).isBetween(1_000_000L, 300_000_000L);
    }
    assertThat(out.resolve("comparison.json")).isNotEmptyFile();
    assertThat(out.resolve("comparison.png")).isNotEmptyFile();
    assertThat(out.resolve("comparison.html"))
        .content()
        .contains("popsight-street, popcount", "middle, OpenCV DNN", "middle, ONNX Runtime")
        .contains("marked by people");
  }

  @Test
  void runsOfOneConfiguration_areToldApartByTheirFiles() throws IOException {
    Path other = Files.copy(Path.of(STREET), folder.resolve("street.onnx"));

    String table = compare(STREET, other.toString(), STREET, "--data", photos().toString());

    assertThat(table.lines().filter(line -> line.contains(", popcount")))
        .satisfiesExactly(
            row -> assertThat(row).startsWith(STREET + ", popcount"),
            row -> assertThat(row).startsWith(other + ", popcount"));
  }

  @Test
  void weightsThatAreNotThere_areNamed() throws IOException {
    Path config = darknet();
    Files.delete(folder.resolve("middle.weights"));

    assertThatThrownBy(() -> DarknetConfig.read(config))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("middle.weights");
  }

  @Test
  void networkThatCannotBeConverted_stillRunsThroughOpenCv() throws IOException {
    Path config = darknet();
    Files.writeString(
        config,
        Files.readString(config).replace("[yolo]", "[avgpool]\n[upsample]\nstride=1\n[yolo]"));
    StringWriter told = new StringWriter();

    String table =
        compare(told, STREET, "--darknet", config.toString(), "--data", photos().toString());

    assertThat(table).contains("middle, OpenCV DNN").doesNotContain("middle, ONNX Runtime");
    assertThat(told.toString()).contains("not through ONNX Runtime", "middle.cfg:18: [avgpool]");
  }

  @Test
  void figures_areNotLostWithTheFolder() throws IOException {
    Path out = folder.resolve("out");
    Files.createDirectories(out.resolve("comparison.json"));
    StringWriter printed = new StringWriter();

    int code =
        new CommandLine(new CompareCommand())
            .setOut(new PrintWriter(printed, true))
            .setErr(new PrintWriter(new StringWriter(), true))
            .execute(STREET, "--data", photos().toString(), "--out", out.toString());

    assertThat(code).isOne();
    assertThat(printed.toString()).contains("popsight-street, popcount");
  }

  private static String compare(String... arguments) {
    return compare(new StringWriter(), arguments);
  }

  private static String compare(StringWriter told, String... arguments) {
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new CompareCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(told, true))
            .execute(arguments);
    assertThat(code).as(told.toString()).isZero();
    return out.toString();
  }

  /** Three grey photos with a car of half their sides in the middle. */
  private Path photos() throws IOException {
    Path data = folder.resolve("photos");
    Files.createDirectories(data.resolve("val/images"));
    Files.createDirectories(data.resolve("val/labels"));
    Files.writeString(
        data.resolve("data.yaml"),
        "names: [bus, car, motorbike, person, truck]\nval: val/images\n");
    for (String name : List.of("a", "b", "c")) {
      ImageIO.write(
          new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB),
          "jpg",
          data.resolve("val/images/" + name + ".jpg").toFile());
      Files.writeString(data.resolve("val/labels/" + name + ".txt"), "1 0.5 0.5 0.5 0.5\n");
    }
    return data;
  }

  /** One cell over the whole input; its only anchor is half as wide and high as the input. */
  private Path darknet() throws IOException {
    int outputs = 5 + COCO.size();
    Files.write(folder.resolve("coco.names"), COCO);
    ByteBuffer weights =
        ByteBuffer.allocate(20 + 4 * (outputs + 3 * outputs)).order(ByteOrder.LITTLE_ENDIAN);
    weights.putInt(0).putInt(2).putInt(0).putLong(0);
    float[] biases = {0, 0, 0, 0, 8, -8, -8, 8, -8};
    for (float bias : biases) {
      weights.putFloat(bias);
    }
    Files.write(folder.resolve("middle.weights"), weights.array());
    return Files.writeString(
        folder.resolve("middle.cfg"),
        """
        [net]
        width=32
        height=32
        channels=3

        [maxpool]
        size=32
        stride=32
        padding=0

        [convolutional]
        filters=%d
        size=1
        stride=1
        pad=0
        activation=linear

        [yolo]
        mask=0
        anchors=16,16
        classes=%d
        num=1
        """
            .formatted(outputs, COCO.size()));
  }
}
