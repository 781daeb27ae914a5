package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Requests as Frigate, Blue Iris and python-requests write them, byte by byte. */
@CellsService
class DeepStackIT {

  private static final String BOUNDARY = "d4f0c1a29b";

  @LocalServerPort private int port;

  /** What came back over the wire. */
  private record Answer(int status, String head, JsonNode body) {}

  @Test
  void frigatesRequest_isAnsweredBestFirstWithTwentyAtMost() throws Exception {
    Answer answer = ask("/v1/vision/detection", image(TestPhotos.cells()), field("api_key", ""));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().get("success").asBoolean()).isTrue();
    JsonNode predictions = answer.body().get("predictions");
    assertThat(predictions.size()).isBetween(5, 20);
    double last = 1;
    for (JsonNode found : predictions) {
      assertThat(found.get("confidence").asDouble()).isBetween(0.4, last);
      last = found.get("confidence").asDouble();
      for (String edge : new String[] {"x_min", "y_min", "x_max", "y_max"}) {
        assertThat(found.get(edge).isInt()).isTrue();
        assertThat(found.get(edge).asInt()).isBetween(0, 640);
      }
    }
    assertThat(answer.body().has("error")).isFalse();
  }

  @Test
  void longAnswer_hasItsLengthAndNoChunks() throws Exception {
    Answer answer =
        ask("/v1/vision/detection", image(TestPhotos.cells()), field("min_confidence", "0"));

    assertThat(answer.body().get("predictions").size()).isEqualTo(20);
    assertThat(answer.head())
        .containsPattern("(?i)content-length: \\d+")
        .doesNotContainPattern("(?i)transfer-encoding");
  }

  @Test
  void decimalCommaAndTooMuch_areUnderstood() throws Exception {
    Answer comma =
        ask("/v1/vision/detection", image(TestPhotos.cells()), field("min_confidence", "0,7"));
    Answer high =
        ask("/v1/vision/detection", image(TestPhotos.cells()), field("min_confidence", "95"));

    assertThat(comma.body().get("predictions").valueStream())
        .isNotEmpty()
        .allSatisfy(found -> assertThat(found.get("confidence").asDouble()).isGreaterThan(0.7));
    assertThat(high.body().get("predictions").size()).isZero();
    assertThat(high.body().get("message").asString()).isEqualTo("No objects found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"popsight-cells", "general", "ipcam-general", "ipcam-combined", "ipcam-dark"})
  void customModel_answers(String model) throws Exception {
    Answer answer = ask("/v1/vision/custom/" + model, image(TestPhotos.cells()));

    assertThat(answer.body().get("moduleName").asString()).isEqualTo("popsight-cells");
    assertThat(answer.body().get("count").asInt()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "image1"})
  void fileOfAnotherName_isThePhotoToo(String name) throws Exception {
    String photo = image(TestPhotos.cells()).replace("name=\"image\"", "name=\"" + name + "\"");

    assertThat(ask("/v1/vision/detection", photo).body().get("count").asInt()).isPositive();
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of("/v1/vision/detection", "", 400, "No valid image file found"),
        Arguments.of("/v1/vision/detection", image(new byte[0]), 400, "No valid image file found"),
        Arguments.of(
            "/v1/vision/detection",
            image("text".getBytes(StandardCharsets.UTF_8)),
            400,
            "invalid image file"),
        Arguments.of(
            "/v1/vision/detection",
            field("image", "").replace("\"image\"", "\"image\"; filename=\"=?utf-8?B?!!!?=\""),
            400,
            "a part's header cannot be read"),
        Arguments.of(
            "/v1/vision/detection",
            image(TestPhotos.cells()) + field("min_confidence", "high"),
            400,
            "Invalid value for min_confidence"),
        Arguments.of(
            "/v1/vision/detection",
            field("image", "x".repeat(2_500_000)),
            413,
            "the form fields have more than 2097152 bytes; send the photo with a filename"),
        Arguments.of(
            "/v1/vision/detection",
            field("a", "b").repeat(128) + image(TestPhotos.cells()),
            413,
            "the body has more than 128 parts"),
        Arguments.of(
            "/v1/vision/custom/nobody", image(TestPhotos.cells()), 404, "unknown model 'nobody'"));
  }

  /** Its length being unknown, the controller reads it and not the filter. */
  @Test
  void fieldsAboveTheLimit_areRefusedInChunksToo() throws Exception {
    String body = field("image", "x".repeat(2_500_000)) + "--" + BOUNDARY + "--\r\n";
    Wire.Answer answer =
        new Wire(port)
            .send(
                BadInput.post("/v1/vision/detection", "multipart/form-data; boundary=" + BOUNDARY)
                    + "Transfer-Encoding: chunked\r\n",
                "%x\r\n%s\r\n0\r\n\r\n"
                    .formatted(body.length(), body)
                    .getBytes(StandardCharsets.ISO_8859_1));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.text()).contains("\"error\":\"the form fields have more than 2097152 bytes;");
  }

  @ParameterizedTest(name = "{0} {2} {3}")
  @MethodSource("refusals")
  void refusal_hasTheProtocolsFormAndTheNextIsAnswered(
      String path, String parts, int status, String error) throws Exception {
    Answer answer = ask(path, parts);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body().get("success").asBoolean()).isFalse();
    assertThat(answer.body().get("error").asString()).startsWith(error);
    assertThat(answer.body().has("predictions")).isFalse();
    assertThat(ask("/v1/vision/detection", image(TestPhotos.cells())).status()).isEqualTo(200);
  }

  @Test
  void blueIris_findsTheServerAndItsModels() throws Exception {
    Answer update = send("GET /v1/status/updateavailable HTTP/1.1\r\n", "");
    Answer list = ask("/v1/vision/custom/list", field("a", "b"));

    assertThat(update.body().get("updateAvailable").asBoolean()).isFalse();
    assertThat(update.body().get("version").get("major").asInt()).isEqualTo(2);
    assertThat(send("GET /v1/status/ping HTTP/1.1\r\n", "").body().get("success").asBoolean())
        .isTrue();
    assertThat(list.body().get("models").toString()).contains("popsight-cells");
  }

  /** A part as python-requests writes it: a name for the file and no content type. */
  private static String image(byte[] photo) {
    return "--%s\r\nContent-Disposition: form-data; name=\"image\"; filename=\"image\"\r\n\r\n"
            .formatted(BOUNDARY)
        + new String(photo, StandardCharsets.ISO_8859_1)
        + "\r\n";
  }

  private static String field(String name, String value) {
    return "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(BOUNDARY, name, value);
  }

  private Answer ask(String path, String... parts) throws IOException {
    String body = String.join("", parts) + "--" + BOUNDARY + "--\r\n";
    return send(
        "POST %s HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=%s\r\n"
            .formatted(path, BOUNDARY),
        body);
  }

  private Answer send(String head, String body) throws IOException {
    Wire.Answer answer =
        new Wire(port)
            .send(head + "Host: localhost\r\n", body.getBytes(StandardCharsets.ISO_8859_1));
    return new Answer(answer.status(), answer.head(), BadInput.json(answer));
  }
}
