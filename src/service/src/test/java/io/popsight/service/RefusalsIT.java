package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What our own door refuses, and how. */
class RefusalsIT extends OwnDoor {

  @Test
  void pictureOfWhatIsNoPhoto_isAProblem() throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(uri("/v1/detect"))
                .header("Content-Type", "image/jpeg")
                .header("Accept", "image/png")
                .POST(BodyPublishers.ofString("hello"))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertProblem(response, 400, "not-a-photo");
  }

  static Stream<Arguments> badPhotos() {
    byte[] photo = TestPhotos.cells();
    return Stream.of(
        Arguments.of("zero bytes", "image/jpeg", new byte[0], 400, "missing-photo"),
        Arguments.of(
            "text",
            "image/jpeg",
            "hello, world".getBytes(StandardCharsets.UTF_8),
            400,
            "not-a-photo"),
        Arguments.of(
            "half a JPEG",
            "image/jpeg",
            Arrays.copyOf(photo, photo.length / 2),
            400,
            "broken-photo"),
        Arguments.of("a JPEG header", "image/jpeg", Arrays.copyOf(photo, 20), 400, "broken-photo"),
        Arguments.of("a PNG bomb", "image/png", TestPhotos.pngBomb(), 413, "too-large"),
        Arguments.of(
            "JSON",
            "application/json",
            "{}".getBytes(StandardCharsets.UTF_8),
            415,
            "unsupported-media-type"),
        Arguments.of("33 MiB", "image/jpeg", new byte[33 << 20], 413, "too-large"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badPhotos")
  void badPhoto_isAProblemAndTheNextIsAnswered(
      String what, String type, byte[] body, int status, String problem) throws Exception {
    assertProblem(post("/v1/detect", type, body), status, problem);
    assertThat(post("/v1/detect", "image/jpeg", TestPhotos.cells()).statusCode()).isEqualTo(200);
  }

  static Stream<Arguments> badParameters() {
    return Stream.of(
        Arguments.of("min_score=2", 400, "invalid-parameter", "min_score must be in 0..1, got 2.0"),
        Arguments.of(
            "min_score=NaN", 400, "invalid-parameter", "min_score must be in 0..1, got NaN"),
        Arguments.of(
            "min_score=high",
            400,
            "invalid-parameter",
            "min_score must be a number in 0..1, got 'high'"),
        Arguments.of("iou=-0.1", 400, "invalid-parameter", "iou must be in 0..1, got -0.1"),
        Arguments.of(
            "max_detections=0",
            400,
            "invalid-parameter",
            "max_detections must be in 1..10000, got 0"),
        Arguments.of(
            "max_detections=1.5",
            400,
            "invalid-parameter",
            "max_detections must be a whole number in 1..10000, got '1.5'"),
        Arguments.of("tiles=5", 400, "invalid-parameter", "tiles must be in 1..4, got 5"),
        Arguments.of(
            "tiles=2x2",
            400,
            "invalid-parameter",
            "tiles must be a whole number in 1..4, got '2x2'"),
        Arguments.of(
            "zone=1,2,3,4",
            400,
            "invalid-parameter",
            "zone: a polygon has 3 to 100 corners, got 2"),
        Arguments.of(
            "zone=0,0,9,0,9,NaN", 400, "invalid-parameter", "zone: a corner is at 9.0,NaN"),
        Arguments.of(
            "zone_point=nose",
            400,
            "invalid-parameter",
            "zone_point must be center or bottom, got 'nose'"),
        Arguments.of(
            "format=xml", 400, "invalid-parameter", "format must be popsight or coco, got 'xml'"),
        Arguments.of(
            "explain=life", 400, "invalid-parameter", "explain must be spikes, got 'life'"),
        Arguments.of(
            "format=coco&explain=spikes",
            400,
            "invalid-parameter",
            "format=coco has room for boxes alone"),
        Arguments.of(
            "labels=unicorn",
            400,
            "invalid-parameter",
            "labels: the model does not know 'unicorn'"),
        Arguments.of(
            "backend=abacus",
            400,
            "unknown-backend",
            "unknown backend 'abacus'; there are onnx, popcount"),
        Arguments.of("labels=%ED%A0%80", 400, "malformed-request", "a parameter is not UTF-8"),
        Arguments.of("model=nobody", 404, "unknown-model", "unknown model 'nobody'; there are "),
        Arguments.of(
            "model=..%2F..%2Fetc%2Fpasswd",
            404, "unknown-model", "unknown model '../../etc/passwd'"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badParameters")
  void badParameter_isAProblemThatNamesIt(String query, int status, String problem, String message)
      throws Exception {
    JsonNode body =
        assertProblem(
            post("/v1/detect?" + query, "image/jpeg", TestPhotos.cells()), status, problem);
    assertThat(body.get("detail").asString()).startsWith(message);
  }

  @Test
  void longParameter_isEchoedInPart() throws Exception {
    HttpResponse<String> query =
        post("/v1/detect?labels=" + "x".repeat(7000), "image/jpeg", TestPhotos.cells());

    assertThat(assertProblem(query, 400, "invalid-parameter").get("detail").asString())
        .startsWith("labels: the model does not know 'xxx")
        .hasSizeLessThan(1501);
  }

  static Stream<Arguments> badForms() {
    String image = part("image", "x");
    return Stream.of(
        Arguments.of(
            part("photo", "x"), 400, "missing-photo", "the multipart body has no part 'image'"),
        Arguments.of(
            image, 400, "missing-photo", "part 'image' has no filename and so is a form field"),
        Arguments.of(
            part("image", "x".repeat(2_500_000)),
            413,
            "too-large",
            "the form fields have more than 2097152 bytes; send the photo with a filename"),
        Arguments.of(
            image.replace("\"image\"", "\"image\"; filename=\"=?utf-8?B?!!!?=\""),
            400,
            "malformed-request",
            "a part's header cannot be read"),
        Arguments.of(
            image.replace("\"image\"", "\"image\"; filename*=nope''a"),
            400,
            "malformed-request",
            "a part's header cannot be read"),
        Arguments.of(image.repeat(129), 413, "too-large", "the body has more than 128 parts"));
  }

  @ParameterizedTest(name = "{index}: {3}")
  @MethodSource("badForms")
  void badForm_isAProblemThatSaysWhatIsWrong(
      String parts, int status, String problem, String message) throws Exception {
    byte[] body = (parts + "--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);

    JsonNode answer = assertProblem(post("/v1/detect", multipart(), body), status, problem);
    assertThat(answer.get("detail").asString()).isEqualTo(message);
  }

  private static String part(String name, String content) {
    return "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(BOUNDARY, name, content);
  }

  @Test
  void badPhotoOfABatch_isNamed() throws Exception {
    byte[] batch = parts(TestPhotos.cells(), "hello".getBytes(StandardCharsets.UTF_8));
    byte[] alone = parts("hello".getBytes(StandardCharsets.UTF_8));

    assertThat(problem("not-a-photo", batch)).startsWith("photo 2 of 2, 'a': this is no photo;");
    assertThat(problem("not-a-photo", alone)).startsWith("this is no photo;");
  }

  private String problem(String problem, byte[] parts) throws Exception {
    return assertProblem(post("/v1/detect", multipart(), parts), 400, problem)
        .get("detail")
        .asString();
  }

  @Test
  void otherRefusals_areProblemsToo() throws Exception {
    assertProblem(get("/v1/detect"), 405, "method-not-allowed");
    assertProblem(get("/v1/nothing"), 404, "not-found");
    assertProblem(
        post(
            "/v1/detect",
            multipart(),
            ("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8)),
        400,
        "missing-photo");
    assertProblem(post("/v1/detect", multipart(), parts(new byte[33 << 20])), 413, "too-large");
  }
}
