package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Cameras by their URL, at our own door and at DOODS'. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.timeout=5s",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK
    })
@ExtendWith(OutputCaptureExtension.class)
class CameraIT {

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @AutoClose private final TestCamera camera = new TestCamera();

  CameraIT() throws IOException {}

  @ParameterizedTest
  @CsvSource({
    "/mjpeg, '&frames=3'",
    "/photo.jpg, '&frames=2&fps=20'",
    "/mjpeg, '&fps=4&labels=WBC'"
  })
  void frames_areAnsweredEach(String path, String parameters) throws Exception {
    HttpResponse<String> response = get(own(camera.url(path)) + parameters);

    List<JsonNode> lines = response.body().lines().map(OipClient.JSON::readTree).toList();
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(lines).hasSizeGreaterThanOrEqualTo(2);
    if (parameters.contains("frames=")) {
      assertThat(lines).hasSize(parameters.contains("=3") ? 3 : 2);
    }
    assertThat(lines).allSatisfy(line -> assertThat(line.get("detections")).isNotEmpty());
  }

  @Test
  void frames_areMeasuredEach() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    String door = "api=\"native\",interface=\"rest\"";
    double before = measured.with(door);

    HttpResponse<String> response = get(own(camera.url("/mjpeg")) + "&frames=3");

    assertThat(response.body().lines()).hasSize(3);
    assertThat(measured.with(door)).isEqualTo(before + 3);
    assertThat(measured.with(door + ",model=\"popsight-cells\",outcome=\"ok\""))
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void camera_isLetGoWhenNobodyReads() throws Exception {
    HttpResponse<InputStream> response =
        client.send(
            HttpRequest.newBuilder(uri(own(camera.url("/endless")))).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).contains("\"detections\"");
      assertThat(lines.readLine()).contains("\"detections\"");
    }

    assertThat(camera.isLetGo()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', url is missing: that of a camera",
    "url=http%3A%2F%2F127.0.0.1%2Fmjpeg, the camera cannot be asked: its server cannot be asked",
    "url=http%3A%2F%2F127.0.0.2:1%2Fmjpeg, the camera cannot be asked: its server cannot be asked",
    "url=rtsp%3A%2F%2F127.0.0.2%2Flive, only http and https URLs",
    "url=http%3A%2F%2F127.0.0.2%2Fmjpeg&fps=0, fps must be a number above 0",
    "url=http%3A%2F%2F127.0.0.2%2Fmjpeg&frames=-1, frames must be a number above 0"
  })
  void whatCannotBeWatched_isRefusedBeforeTheStream(String query, String message) throws Exception {
    HttpResponse<String> response = get("/v1/stream?" + query);

    assertThat(detail(response)).contains(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/trickle", "/header"})
  @Timeout(60)
  void photoThatTrickles_endsItsStream(String path) throws Exception {
    HttpResponse<String> response = get(own(camera.url(path)));

    assertThat(response.body().lines()).hasSize(1);
    JsonNode problem = OipClient.JSON.readTree(response.body()).get("problem");
    assertThat(problem.get("type").asString()).isEqualTo("urn:popsight:problem:invalid-parameter");
    assertThat(problem.get("detail").asString())
        .isEqualTo("the camera's stream broke: it took longer than 5000 ms");
    assertThat(camera.isLetGo()).isTrue();
  }

  @Test
  @Timeout(60)
  void streamThatBeginsByteByByte_isRefused() throws Exception {
    HttpResponse<String> response = get(own(camera.url("/hesitant")));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(camera.isLetGo()).isTrue();
  }

  @Test
  @Timeout(60)
  void doodsPhotoThatTrickles_isRefused() throws Exception {
    String asked = "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/trickle"));
    HttpResponse<String> response =
        get("/stream?detect_request=" + URLEncoder.encode(asked, StandardCharsets.UTF_8));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(OipClient.JSON.readTree(response.body()).get("error").asString())
        .isEqualTo("the camera's stream broke: it took longer than 5000 ms");
    assertThat(camera.isLetGo()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"basic, /mjpeg", "basic, /photo.jpg", "digest, /mjpeg", "digest, /photo.jpg"})
  void cameraWithPassword_isAskedByIt(String scheme, String path) throws Exception {
    String url = camera.guarded(scheme, "kim", "p%40ss:word") + path;

    HttpResponse<String> response = get(own(url) + "&frames=2&fps=20");

    assertThat(response.body().lines().map(OipClient.JSON::readTree))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.get("detections")).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic", "digest"})
  void wrongPassword_isSaidAndNotLogged(String scheme, CapturedOutput output) throws Exception {
    HttpResponse<String> wrong =
        get(own(camera.guarded(scheme, "kim", "guessed-" + scheme) + "/mjpeg"));
    HttpResponse<String> none = get(own(camera.url("/" + scheme + "/mjpeg")));

    assertThat(detail(wrong))
        .isEqualTo(
            "the camera cannot be asked: its server answered with status 401: it does not take this"
                + " user and password");
    assertThat(detail(none)).contains("401: it wants a user and a password before its name");
    assertThat(output.getAll())
        .contains("/" + scheme + "/mjpeg: its server answered with status 401")
        .doesNotContain("guessed-" + scheme);
  }

  /** What is not encoded passes for a host, a port and a path. */
  @Test
  void passwordThatIsNotEncoded_isNotLoggedEither(CapturedOutput output) throws Exception {
    HttpResponse<String> response =
        get(own(camera.url("/mjpeg").replace("//", "//kim.invalid:12/a-secret@")));

    assertThat(detail(response)).contains("its server cannot be asked from here");
    assertThat(output.getAll()).contains("the camera cannot be asked").doesNotContain("a-secret");
  }

  @Test
  void passwordWithoutUser_isSent() throws Exception {
    HttpResponse<String> response = get(own(camera.guarded("basic", "", "token") + "/mjpeg"));

    assertThat(detail(response)).contains("it does not take this user and password");
    assertThat(camera.authorizations()).isOne();
  }

  /** A camera that sends its watchers elsewhere must not learn from them what opens the other. */
  @ParameterizedTest
  @ValueSource(strings = {"basic", "digest"})
  void password_staysWithItsServer(String scheme) throws Exception {
    try (TestCamera other = new TestCamera()) {
      camera.sendTo(other.url("/" + scheme + "/mjpeg"));

      HttpResponse<String> response =
          get(own(camera.guarded(scheme, "kim", "p%40ss:word") + "/elsewhere"));

      assertThat(detail(response)).contains("status 401");
      assertThat(camera.authorizations()).isPositive();
      assertThat(other.authorizations()).isZero();
    }
  }

  @Test
  void nothingThere_isRefused() throws Exception {
    HttpResponse<String> response = get(own(camera.url("/nothing")));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("its server answered with status 404");
  }

  /** As a browser shows it in an {@code img}. */
  @Test
  void doodsStream_isMjpegWithBoxes() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    String door = "api=\"doods\",interface=\"rest\",model=\"popsight-cells\",outcome=\"ok\"";
    double before = measured.with(door);
    String asked = "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/mjpeg"));
    HttpResponse<InputStream> response =
        client.send(
            HttpRequest.newBuilder(
                    uri(
                        "/stream?detect_request="
                            + URLEncoder.encode(asked, StandardCharsets.UTF_8)))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());

    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("multipart/x-mixed-replace;boundary=frame");
    try (Scanner body = new Scanner(response.body(), StandardCharsets.ISO_8859_1)) {
      String parts = body.useDelimiter("--frame--").next();
      String[] frames = parts.split("--frame\r\nContent-Type: image/jpeg\r\n", -1);
      assertThat(frames).hasSizeGreaterThanOrEqualTo(3);
      assertThat(measured.with(door)).isEqualTo(before + frames.length - 1);
    }
  }

  private static String detail(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    return OipClient.JSON.readTree(response.body()).get("detail").asString();
  }

  private static String own(String url) {
    return "/v1/stream?labels=RBC,WBC&url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void framesWithinThePause_arePassedOver() throws Exception {
    long start = System.nanoTime();

    HttpResponse<String> response = get(own(camera.url("/mjpeg")) + "&fps=2");

    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(response.body().lines().count()).isBetween(1L, 1 + (long) (2 * seconds));
  }
}
