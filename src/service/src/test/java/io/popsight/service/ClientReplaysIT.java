package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests recorded from clients, byte for byte, and what these clients read from the answer:
 * {@code src/test/resources/clients} says whose they are.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "popsight.models=../../models")
class ClientReplaysIT {

  private static final JsonMapper JSON = new JsonMapper();

  @LocalServerPort private int port;

  @Test
  void homeAssistantsDeepStack_readsPredictionsWhateverElseIsThere() throws Exception {
    Wire.Answer answer = replay("deepstack-python");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).get("predictions").valueStream())
        .isNotEmpty()
        .allSatisfy(
            found -> {
              assertThat(found.get("label").isString()).isTrue();
              assertThat(found.get("confidence").asDouble()).isBetween(0.45, 1.0);
              assertThat(found.get("x_min").asInt()).isLessThan(found.get("x_max").asInt());
              assertThat(found.get("y_min").asInt()).isLessThan(found.get("y_max").asInt());
            });
  }

  @Test
  void frigate_stopsAtTheFirstScoreBelowItsOwn() throws Exception {
    JsonNode predictions = JSON.readTree(replay("frigate").body()).get("predictions");

    assertThat(predictions.valueStream().map(found -> found.get("confidence").asDouble()))
        .isNotEmpty()
        .isSortedAccordingTo((one, next) -> Double.compare(next, one));
  }

  @Test
  void homeAssistantsDoods_choosesADetectorAndReadsPercent() throws Exception {
    JsonNode detectors = JSON.readTree(replay("pydoods-detectors").body()).get("detectors");
    Wire.Answer answer = replay("pydoods-detect");
    JsonNode found = JSON.readTree(answer.body());

    assertThat(detectors.valueStream())
        .anySatisfy(
            detector -> {
              assertThat(detector.get("name").asString()).isEqualTo("default");
              assertThat(detector.get("labels").size()).isPositive();
              assertThat(detector.has("width")).isTrue();
              assertThat(detector.has("height")).isTrue();
            });
    assertThat(answer.status()).isEqualTo(200);
    // The integration takes a key "error" for a failure, even with null in it.
    assertThat(found.has("error")).isFalse();
    assertThat(found.get("detections").valueStream())
        .isNotEmpty()
        .allSatisfy(
            one -> {
              assertThat(one.get("confidence").asDouble()).isBetween(50.0, 100.0);
              for (String edge : new String[] {"top", "left", "bottom", "right"}) {
                assertThat(one.get(edge).asDouble()).isBetween(0.0, 1.0);
              }
            });
  }

  @Test
  void tritonclient_findsItsInputAndReadsRawTensors() throws Exception {
    JsonNode metadata = JSON.readTree(replay("tritonclient-metadata").body());
    JsonNode config = JSON.readTree(replay("tritonclient-config").body());
    Wire.Answer answer = replay("tritonclient-infer");

    assertThat(metadata.get("inputs").get(0).get("datatype").asString()).isEqualTo("BYTES");
    assertThat(config.get("name").asString()).isEqualTo("popsight-street");
    assertThat(answer.status()).isEqualTo(200);
    int json =
        answer
            .head()
            .lines()
            .filter(line -> line.startsWith("Inference-Header-Content-Length: "))
            .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(' ') + 1)))
            .findFirst()
            .orElseThrow();
    JsonNode outputs = JSON.readTree(Arrays.copyOf(answer.body(), json)).get("outputs");
    int raw =
        outputs
            .valueStream()
            .mapToInt(output -> output.get("parameters").get("binary_data_size").asInt())
            .sum();
    assertThat(outputs.valueStream().map(output -> output.get("name").asString()))
        .containsExactly("boxes", "scores", "labels");
    assertThat(raw).isPositive().isEqualTo(answer.body().length - json);
  }

  private Wire.Answer replay(String name) throws IOException {
    byte[] photo = resource("/probes/street.jpg");
    // One byte a character, so that whatever was recorded comes out as it went in.
    String request =
        text(resource("/clients/" + name + ".http"))
            .replace("{{photo in base64}}", Base64.getEncoder().encodeToString(photo))
            .replace("{{photo}}", text(photo));
    return new Wire(port).exchange(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ClientReplaysIT.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }
}
