package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

/** {@code docker-compose.yml}, as docker-compose reads it and as far as images can be had. */
class ComposeIT {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final String PROMETHEUS = "prometheus";

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void compose() {
    assumeTrue(
        Programs.installed("docker-compose"), "no docker-compose: apt-get install docker-compose");
  }

  @Test
  void file_isReadWithEveryProfileAndMountsWhatIsThere() throws Exception {
    JsonNode services =
        new YAMLMapper().readTree(compose("--profile", "replicas", "config")).get("services");

    assertThat(services.fieldNames())
        .toIterable()
        .contains("popsight", PROMETHEUS, "grafana", "replica-a", "replica-b", "proxy");
    for (JsonNode service : services) {
      assertThat(service.get("mem_limit")).as("%s", service).isNotNull();
      for (JsonNode volume : service.path("volumes")) {
        String source =
            volume.isTextual() ? volume.asText().split(":", -1)[0] : volume.get("source").asText();
        assertThat(Path.of(source)).exists();
      }
    }
  }

  @Test
  void serviceAndPrometheus_comeUpTogether() throws Exception {
    assumeTrue(System.getenv().containsKey("POPSIGHT_IMAGE"), "POPSIGHT_IMAGE names no image");
    assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker daemon");
    assumeTrue(
        DockerClientFactory.lazyClient().listImagesCmd().exec().stream()
            .anyMatch(image -> List.of(tags(image.getRepoTags())).contains(prometheusImage())),
        "no image of Prometheus");
    try {
      String started = compose("up", "-d", "--no-build", "popsight", PROMETHEUS);
      String popsight = "http://" + compose("port", "popsight", "8080").strip();
      String prometheus = "http://" + compose("port", PROMETHEUS, "9090").strip();
      untilData(prometheus, "popsight_build_info", started);

      assertThat(detect(popsight)).isEqualTo(200);
      untilData(prometheus, "popsight_images_total", started);
      untilData(prometheus, "popsight:cpu_seconds_per_image:mean5m", started);
    } finally {
      String _ = compose("down", "-v");
    }
  }

  private static String[] tags(String[] tags) {
    return tags == null ? new String[0] : tags;
  }

  private static String prometheusImage() {
    try {
      return new YAMLMapper()
          .readTree(ROOT.resolve("docker-compose.yml").toFile())
          .at("/services/prometheus/image")
          .asText();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void untilData(String prometheus, String metric, String log) throws Exception {
    long end = System.nanoTime() + ServiceContainer.PATIENCE.toNanos();
    while (true) {
      try {
        JsonNode answer =
            new JsonMapper()
                .readTree(
                    client
                        .send(
                            HttpRequest.newBuilder(
                                    URI.create(prometheus + "/api/v1/query?query=" + metric))
                                .build(),
                            BodyHandlers.ofString())
                        .body());
        if (!answer.at("/data/result").isEmpty()) {
          return;
        }
      } catch (IOException e) {
        assertThat(System.nanoTime()).as(e.toString()).isLessThan(end);
      }
      assertThat(System.nanoTime()).as("%s has data; %s", metric, log).isLessThan(end);
      Thread.sleep(500);
    }
  }

  private int detect(String popsight) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(popsight + "/v1/detect?model=popsight-cells"))
                .header("Content-Type", "image/jpeg")
                .POST(BodyPublishers.ofFile(ServiceContainer.PHOTO))
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  /** On ports that are free, under a name that is nobody else's. */
  private static String compose(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("docker-compose", "-p", "popsight-it-" + ProcessHandle.current().pid()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
    for (String port : List.of("POPSIGHT_PORT", "POPSIGHT_GRPC_PORT", "PROMETHEUS_PORT")) {
      builder.environment().put(port, "0");
    }
    Path errors = Files.createTempFile("compose", ".log");
    Process process = builder.redirectError(errors.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String told = Files.readString(errors);
    Files.delete(errors);
    assertThat(process.exitValue()).as(told).isZero();
    return out;
  }
}
