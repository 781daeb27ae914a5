package io.popsight.trainer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Converted networks against OpenCV, which reads them by itself. */
class DarknetGraphTest {

  private static final Path PHOTO = Path.of("../service/src/main/resources/probes/street.jpg");
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;
  private static final String ANCHORS = "anchors = 12, 18,  37, 49,  52,32, 15, 73, 19,99";

  @TempDir private Path folder = Path.of("");

  @Test
  void rowsOfEverySection_areThoseOfOpenCv() throws IOException {
    DarknetConfig config = everySection().write(folder);

    float[][] expected;
    try (DarknetRuntime openCv = new OpenCvDarknet(config, Files.readAllBytes(config.weights()))) {
      expected = openCv.rows(pixels());
    }
    float[][] actual;
    try (DarknetRuntime onnx = new OnnxDarknet(DarknetGraph.of(config), WIDTH, HEIGHT)) {
      actual = onnx.rows(pixels());
    }

    assertThat(actual).hasNumberOfRows(2);
    for (int layer = 0; layer < actual.length; layer++) {
      assertThat(actual[layer]).containsExactly(expected[layer], within(1e-4f));
    }
  }

  private static RandomDarknet everySection() {
    return new RandomDarknet(WIDTH, HEIGHT)
        .convolution(3, 8, 3, true, "stride=2", "activation=leaky")
        .convolution(1, 8, 5, true, "groups=8", "stride=1", "activation=leaky")
        .convolution(8, 8, 1, true, "activation=linear")
        .section("dropout", "probability=.15")
        .section("shortcut", "from=-3", "activation=linear")
        .section("shortcut", "from=-3", "activation=leaky")
        .convolution(4, 16, 3, true, "groups=2", "stride=2", "activation=leaky")
        .section("maxpool", "size=3", "stride=1")
        .section("route", "layers=-2")
        .section("maxpool", "size=2", "stride=1")
        .section("route", "layers=-1,-3, 6")
        .convolution(48, 12, 1, false, "activation=leaky")
        .section("maxpool", "size=2", "stride=2")
        .convolution(12, 21, 1, false, "activation=linear")
        .section("yolo", "mask = 2,3,4", ANCHORS, "classes=2", "num=5", "scale_x_y = 1.05")
        .section("route", "layers = -3")
        .section("upsample", "stride = 2")
        .section("route", "layers=-1,11")
        .convolution(24, 14, 3, false, "activation=linear")
        .section("yolo", "mask = 0,1", ANCHORS, "classes=2", "num=5", "jitter=.15");
  }

  @Test
  void sectionThatIsNotKnown_isNamedWithFileAndLine() throws IOException {
    DarknetConfig config =
        new RandomDarknet(WIDTH, HEIGHT).section("reorg", "stride=2").write(folder);

    assertThatThrownBy(() -> DarknetGraph.of(config))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("random.cfg:8: [reorg]");
  }

  @Test
  void keyThatWouldMakeAnotherNetwork_isNamed() throws IOException {
    DarknetConfig config =
        new RandomDarknet(WIDTH, HEIGHT)
            .convolution(3, 8, 3, true, "dilation=2", "activation=leaky")
            .write(folder);

    assertThatThrownBy(() -> DarknetGraph.of(config))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("random.cfg:8: [convolutional]: dilation");
  }

  @Test
  void weightsOfAnotherNetwork_areRefused() throws IOException {
    DarknetConfig config = everySection().write(folder);
    byte[] weights = Files.readAllBytes(config.weights());

    Files.write(config.weights(), Arrays.copyOf(weights, weights.length - 4));
    assertThatThrownBy(() -> DarknetGraph.of(config))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("random.weights ends");

    Files.write(config.weights(), Arrays.copyOf(weights, weights.length + 4));
    assertThatThrownBy(() -> DarknetGraph.of(config))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("1 numbers more");
  }

  private static byte[] pixels() throws IOException {
    byte[] pixels = new byte[WIDTH * HEIGHT * 3];
    try (Photo photo = new PhotoDecoder(PhotoLimits.DEFAULT).decode(Files.readAllBytes(PHOTO))) {
      Letterboxer.place(photo, pixels, 0, WIDTH, HEIGHT);
    }
    return pixels;
  }
}
