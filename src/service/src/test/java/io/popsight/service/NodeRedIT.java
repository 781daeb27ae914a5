package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * A client that knows nothing of Popsight: {@code node-red-contrib-deepstack} in a Node-RED without
 * its editor, both as npm has them. Skipped where npm has them not.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.default-model=popsight-cells"})
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NodeRedIT {

  private static final Path FOLDER = Path.of("target", "node-red");
  private static final Path LOG = FOLDER.resolve("log");

  // An offer to upgrade to HTTP/2, which is the default, makes Node-RED hang up.
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private int nodeRed;
  private Process process = new ProcessBuilder("true").start();

  @LocalServerPort private int port;

  NodeRedIT() throws IOException {}

  @BeforeEach
  void startNodeRed() throws Exception {
    Files.createDirectories(FOLDER);
    Path files = Path.of("src", "test", "resources", "node-red");
    for (String file : List.of("package.json", "settings.js", "flows.json")) {
      Files.writeString(
          FOLDER.resolve(file),
          Files.readString(files.resolve(file)).replace("POPSIGHT_PORT", String.valueOf(port)));
    }
    install();
    do {
      start();
    } while (!listens());
  }

  private void start() throws IOException {
    nodeRed = freePort();
    process =
        new ProcessBuilder(
                "node",
                "node_modules/node-red/red.js",
                "--settings",
                "settings.js",
                "--userDir",
                ".",
                "--port",
                String.valueOf(nodeRed))
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(LOG.toFile())
            .start();
  }

  /** Waits for it; false if somebody else has its port meanwhile. */
  private boolean listens() throws IOException, InterruptedException {
    while (!Files.readString(LOG).contains("Started flows")) {
      if (!process.isAlive()) {
        assertThat(LOG).content().contains("port in use");
        return false;
      }
      Thread.sleep(100);
    }
    return true;
  }

  @AfterEach
  void stopNodeRed() {
    process.destroy();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/photo", "/custom"})
  void photo_isAnsweredAsDeepStackWould(String flow) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nodeRed + flow))
                .header("Content-Type", "image/jpeg")
                .POST(HttpRequest.BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).as(Files.readString(LOG)).isEqualTo(200);
    JsonNode answer = OipClient.JSON.readTree(response.body());
    assertThat(answer.get("success").asBoolean()).isTrue();
    assertThat(answer.get("predictions")).hasSizeGreaterThan(5);
    assertThat(answer.get("predictions").valueStream().map(p -> p.get("label").asString()))
        .contains("WBC", "RBC");
    // Drawn by the client from our coordinates.
    assertThat(answer.get("outlined").asInt()).isGreaterThan(10_000);
  }

  private static void install() throws IOException, InterruptedException {
    if (Files.isDirectory(FOLDER.resolve("node_modules/node-red-contrib-deepstack"))) {
      return;
    }
    Path output = FOLDER.resolve("npm");
    Process npm;
    try {
      npm =
          new ProcessBuilder("npm", "install", "--no-audit", "--no-fund")
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      abort("there is no npm: " + e.getMessage());
      throw e;
    }
    if (!npm.waitFor(5, TimeUnit.MINUTES)) {
      npm.destroyForcibly();
    }
    assumeTrue(
        npm.waitFor() == 0, () -> "npm cannot install Node-RED, see " + output.toAbsolutePath());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
