package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ten photos of one's own to the answer of a running service, as the README has it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
class OwnPhotosIT {

  private static final String LAUNCHER =
      Path.of("../../popsight").toAbsolutePath().normalize().toString();

  private static final Path SHIPPED = Path.of("../../models/popsight-nano.onnx");

  /** Tenths of a second. */
  private static final int PATIENCE = 600;

  @TempDir private Path folder = Path.of("");

  @Test
  void tenPhotos_areLearned_andTheServiceFindsWhatIsOnThem() throws Exception {
    Path photo = makePhotos(folder.resolve("photos"));
    Path config =
        Files.writeString(
            folder.resolve("mine.yaml"),
            """
            data: {dir: photos}
            inputHeight: 64
            inputWidth: 96
            network: {widths: [8, 16, 16, 16, 16], units: [1, 1, 1, 1], neck: 16}
            epochs: 120
            batch: 4
            learningRate: 0.01
            average: 0.9
            evaluateEvery: 0
            threads: 1
            """);
    Process training = start("train", config.toString(), "--out", "runs/mine");
    assertThat(training.waitFor(8, TimeUnit.MINUTES)).isTrue();
    assertThat(training.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(folder.resolve("runs/mine/report.html")).isNotEmptyFile();

    JsonNode answer = answerOfARunningService(folder.resolve("runs/mine/mine.onnx"), photo);

    assertThat(answer.get("model").asString()).isEqualTo("mine");
    assertThat(answer.get("detections").get(0).get("label").asString()).isEqualTo("square");
    assertThat(answer.at("/detections/0/box/x_min").asDouble()).isBetween(20.0, 40.0);
  }

  /** Where its folder should be lies a file, as a disk that is full leaves none. */
  @Test
  void libtorchThatCannotBeUnpacked_isToldInALine() throws Exception {
    makePhotos(folder.resolve("photos"));
    Path config = Files.writeString(folder.resolve("mine.yaml"), "data: {dir: photos}\n");
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Path jars = Path.of("target/lib");
    try (DirectoryStream<Path> pytorch = Files.newDirectoryStream(jars, "pytorch-*.jar")) {
      for (Path jar : pytorch) {
        Files.createFile(cache.resolve(jar.getFileName()));
      }
    }
    ProcessBuilder builder = builder("train", config.toString(), "--out", "runs/mine");
    builder.environment().put("POPSIGHT_JAVA_OPTIONS", "-Dorg.bytedeco.javacpp.cachedir=" + cache);

    Process training = builder.start();

    assertThat(training.waitFor(8, TimeUnit.MINUTES)).isTrue();
    assertThat(training.exitValue()).isOne();
    assertThat(folder.resolve("log"))
        .content()
        .contains("popsight: libtorch cannot be loaded: ", "have 500 MB free")
        .doesNotContain("\tat ");
  }

  /** Drops the file into the model folder of a service that runs, and asks until it is served. */
  private JsonNode answerOfARunningService(Path file, Path photo) throws Exception {
    Path models = Files.createDirectory(folder.resolve("models"));
    Files.copy(SHIPPED, models.resolve("shipped.onnx"));
    Process service =
        start("serve", "--port", "0", "--grpc-port", "0", "--models", models.toString());
    try (BufferedReader lines = service.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      URI url =
          URI.create(
              lines
                  .lines()
                  .filter(line -> line.startsWith("Popsight is ready: "))
                  .findFirst()
                  .orElseThrow()
                  .replaceFirst(".*(http://[^,]+).*", "$1/v1/detect?model=mine"));
      assertThat(asked(client, url, photo).statusCode()).isEqualTo(404);
      Files.copy(file, models.resolve("mine.onnx"));
      HttpResponse<String> response = asked(client, url, photo);
      for (int i = 0; i < PATIENCE && response.statusCode() == 404; i++) {
        Thread.sleep(100);
        response = asked(client, url, photo);
      }
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return new JsonMapper().readTree(response.body());
    } finally {
      service.destroy();
      service.waitFor();
    }
  }

  private static HttpResponse<String> asked(HttpClient client, URI url, Path photo)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(url)
            .header("Content-Type", "image/jpeg")
            .POST(HttpRequest.BodyPublishers.ofFile(photo))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private Process start(String... arguments) throws IOException {
    return builder(arguments).start();
  }

  private ProcessBuilder builder(String... arguments) {
    ProcessBuilder builder = new ProcessBuilder(LAUNCHER).directory(folder.toFile());
    builder.command().addAll(List.of(arguments));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    return builder;
  }

  /** As a labelling tool leaves them; the last one shows a square from column 30 on. */
  private static Path makePhotos(Path dir) throws IOException {
    Path images = Files.createDirectories(dir.resolve("images"));
    Path labels = Files.createDirectories(dir.resolve("labels"));
    Files.writeString(dir.resolve("data.yaml"), "names: [square]\ntrain: images\nval: images\n");
    Random random = new Random(8);
    Path last = images;
    for (int i = 0; i < 10; i++) {
      int side = 24;
      int x = i == 9 ? 30 : random.nextInt(96 - side);
      int y = random.nextInt(64 - side);
      BufferedImage picture = new BufferedImage(96, 64, BufferedImage.TYPE_INT_RGB);
      Graphics pen = picture.getGraphics();
      pen.setColor(Color.ORANGE);
      pen.fillRect(x, y, side, side);
      pen.dispose();
      last = images.resolve("photo%d.jpg".formatted(i));
      ImageIO.write(picture, "jpg", last.toFile());
      Files.writeString(
          labels.resolve("photo%d.txt".formatted(i)),
          "0 %f %f %f %f%n"
              .formatted((x + side / 2.0) / 96, (y + side / 2.0) / 64, side / 96.0, side / 64.0));
    }
    return last;
  }
}
