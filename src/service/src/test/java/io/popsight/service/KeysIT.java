package io.popsight.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.json.JsonMapper;

/** With keys, every door asks for one. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "spring.grpc.server.port=0",
      "popsight.keys[0].name=camera",
      "popsight.keys[0].secret=" + KeysIT.CAMERA,
      "popsight.keys[1].name=scraper",
      "popsight.keys[1].secret=" + KeysIT.SCRAPER,
      "popsight.keys[1].roles=metrics",
      "popsight.keys[2].name=slow",
      "popsight.keys[2].secret=" + KeysIT.SLOW,
      "popsight.keys[2].rate=0.01",
      "popsight.keys[3].name=spent",
      "popsight.keys[3].secret=" + KeysIT.SPENT,
      "popsight.keys[3].rate=0.01",
      "popsight.keys[4].name=watcher",
      "popsight.keys[4].secret=" + KeysIT.WATCHER,
      "popsight.keys[4].rate=0.01",
      "popsight.keys[5].name=streamer",
      "popsight.keys[5].secret=" + KeysIT.STREAMER,
      "popsight.keys[5].rate=0.01",
      "popsight.keys[6].name=viewer",
      "popsight.keys[6].secret=" + KeysIT.VIEWER,
      "popsight.keys[6].rate=0.01",
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK,
      "popsight.cors-origins=https://example.org"
    })
@ExtendWith(OutputCaptureExtension.class)
class KeysIT {

  static final String CAMERA = "the-key-of-a-camera";
  static final String SCRAPER = "the-key-of-a-scraper";
  static final String SLOW = "the-key-of-a-slow-camera";
  static final String WATCHER = "the-key-of-a-watcher";
  static final String STREAMER = "the-key-of-a-streamer";
  static final String VIEWER = "the-key-of-a-viewer";
  static final String SPENT = "the-key-that-is-used-up";

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @Autowired private GrpcServerLifecycle grpc;

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/models, , , 401",
    "GET, /v1/models, Authorization, Bearer " + CAMERA + ", 200",
    "GET, /v1/models, X-API-Key, " + CAMERA + ", 200",
    "GET, /v1/models, doods-auth-key, " + CAMERA + ", 200",
    "GET, /v1/models, X-API-Key, " + SCRAPER + ", 403",
    "GET, /v1/models, X-API-Key, wrong-wrong-wrong-wrong, 401",
    "GET, /metrics, , , 401",
    "GET, /metrics, X-API-Key, " + SCRAPER + ", 200",
    "GET, /metrics, X-API-Key, " + CAMERA + ", 403",
    "GET, /actuator/health/readiness, , , 200",
    "GET, /actuator/health/liveness, , , 200",
    "GET, /readyz, , , 200",
    "GET, /livez, , , 200",
    "GET, /nowhere, X-API-Key, " + CAMERA + ", 403",
    "POST, /v1/detect, , , 401",
    "POST, /v1/detect;a=b, , , 401",
    "POST, /v1/detect, X-API-Key, " + CAMERA + ", 200",
    "POST, /v1/vision/detection, , , 401"
  })
  void route_asksForItsRole(
      String method, String path, @Nullable String header, @Nullable String key, int status)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .method(
                method,
                method.equals("GET")
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(TestPhotos.cells()))
            .header("Content-Type", "image/jpeg");
    if (header != null && key != null) {
      request.header(header, key);
    }
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());

    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    if (status == 401) {
      assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
    }
  }

  @Test
  void rate_countsThePhotosOfAStream() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      body.writeBytes("--frame\r\nContent-Type: image/jpeg\r\n\r\n".getBytes(UTF_8));
      body.writeBytes(TestPhotos.cells());
      body.writeBytes("\r\n".getBytes(UTF_8));
    }
    body.writeBytes("--frame--\r\n".getBytes(UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/stream"))
            .header("X-API-Key", SLOW)
            .header("Content-Type", "multipart/mixed;boundary=frame")
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .build();

    List<String> lines = client.send(request, BodyHandlers.ofString()).body().lines().toList();

    assertThat(lines).filteredOn(line -> line.contains("\"detections\"")).hasSize(1);
    assertThat(lines).filteredOn(line -> line.contains("problem:rate-limited")).hasSize(2);
  }

  /** Else an idle service is said to need replicas. */
  @Test
  void usedUpRate_isNoOverload() throws Exception {
    assertThat(vision(SPENT).statusCode()).isEqualTo(200);
    HttpResponse<String> spent = vision(SPENT);
    assertThat(spent.statusCode()).isEqualTo(503);
    assertThat(spent.body()).contains("the key 'spent' has used up its rate");
    assertThat(secondsUntilRetry(spent)).isBetween(2L, 100L);
    HttpResponse<String> detect = send("/v1/detect", SPENT);
    assertThat(detect.statusCode()).isEqualTo(429);
    assertThat(secondsUntilRetry(detect)).isBetween(2L, 100L);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc.getPort()).usePlaintext().build();
    try {
      com.google.rpc.Status status = refusal(with(channel, "x-api-key", SPENT));
      assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
      assertThat(status.getDetails(1).unpack(RetryInfo.class).getRetryDelay().getSeconds())
          .isBetween(2L, 100L);
    } finally {
      channel.shutdownNow();
    }

    String metrics =
        client
            .send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                    .header("X-API-Key", SCRAPER)
                    .build(),
                BodyHandlers.ofString())
            .body();
    for (String door :
        List.of(
            "api=\"deepstack\",interface=\"rest\"",
            "api=\"native\",interface=\"rest\"",
            "api=\"native\",interface=\"grpc\"")) {
      assertThat(metrics)
          .containsPattern(
              "popsight_request_duration_seconds_count\\{%s,[^}]*outcome=\"refused\""
                  .formatted(door));
    }
    assertThat(metrics)
        .contains("popsight_requests_total{outcome=\"overloaded\"} 0.0")
        .doesNotContainPattern("popsight_request_duration\\S*outcome=\"overloaded\"");
  }

  @Test
  void deepStacksFormField_isAKeyToo() throws Exception {
    assertThat(vision(CAMERA).statusCode()).isEqualTo(200);
    assertThat(vision("wrong-wrong-wrong").statusCode()).isEqualTo(401);
  }

  @Test
  void grpc_asksForAKey(CapturedOutput log) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc.getPort()).usePlaintext().build();
    try {
      assertThat(code(DetectionGrpc.newBlockingStub(channel)))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(code(with(channel, "authorization", "Bearer " + SCRAPER)))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(code(with(channel, "authorization", "Bearer " + CAMERA)))
          .isEqualTo(Status.Code.OK);
      assertThat(code(with(channel, "x-api-key", CAMERA))).isEqualTo(Status.Code.OK);
    } finally {
      channel.shutdownNow();
    }
    assertThat(log.getAll()).doesNotContain(CAMERA, SCRAPER);
  }

  /** Else a page learns of a network error instead of a missing key. */
  @Test
  void namedOrigin_mayReadThatItIsRefused() throws Exception {
    HttpResponse<String> refused =
        client.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/detect"))
                .header("Origin", "https://example.org")
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            BodyHandlers.ofString());

    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://example.org");
  }

  @Test
  void namedOrigin_mayAskAndNoOther() throws Exception {
    assertThat(preflight("https://example.org").headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://example.org");
    assertThat(preflight("https://example.com").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({"0.000001, 504, deadline-exceeded", "soon, 400, invalid-parameter", "30, 200, "})
  void timeoutHeader_isADeadline(String seconds, int status, @Nullable String slug)
      throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/detect"))
                .header("X-API-Key", CAMERA)
                .header("X-Request-Timeout", seconds)
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            BodyHandlers.ofString());

    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    if (slug != null) {
      assertThat(new JsonMapper().readTree(response.body()).get("type").asString())
          .isEqualTo("urn:popsight:problem:" + slug);
    }
  }

  /** Its body never comes: whoever waits for it, waits for ever. */
  @ParameterizedTest
  @CsvSource({
    "PUT, /nothing, application/x-www-form-urlencoded, Content-Length: 1000000, 401",
    "POST, /v1/models, application/x-www-form-urlencoded, Content-Length: 1000000, 401",
    "POST, /v1/vision/listmodels, multipart/form-data; boundary=b, Content-Length: 100000000000, 413",
    "POST, /v1/vision/custom/list, multipart/form-data; boundary=b, Content-Length: 100000000000, 413",
    "POST, /v1/vision/detection, multipart/form-data; boundary=b, Transfer-Encoding: chunked, 401"
  })
  void bodyOfAStranger_isNotReadBeforeTheKey(
      String method, String path, String type, String length, int status) throws Exception {
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write(
              "%s %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n%s\r\n\r\n"
                  .formatted(method, path, type, length)
                  .getBytes(ISO_8859_1));
      byte[] line = socket.getInputStream().readNBytes(12);

      assertThat(new String(line, ISO_8859_1)).isEqualTo("HTTP/1.1 " + status);
    }
  }

  private static long secondsUntilRetry(HttpResponse<String> response) {
    return response.headers().firstValueAsLong("Retry-After").orElse(0);
  }

  private HttpResponse<String> preflight(String origin) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/detect"))
            .method("OPTIONS", BodyPublishers.noBody())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String path, String key)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("X-API-Key", key)
            .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> vision(String key) throws IOException, InterruptedException {
    String head =
        "--b\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n"
            + key
            + "\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n";
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/vision/detection"))
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(
                BodyPublishers.concat(
                    BodyPublishers.ofString(head),
                    BodyPublishers.ofByteArray(TestPhotos.cells()),
                    BodyPublishers.ofString("\r\n--b--\r\n")))
            .build(),
        BodyHandlers.ofString());
  }

  private static DetectionGrpc.DetectionBlockingStub with(
      ManagedChannel channel, String header, String value) {
    return DetectionGrpc.newBlockingStub(channel).withInterceptors(header(header, value));
  }

  private static ClientInterceptor header(String name, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return MetadataUtils.newAttachHeadersInterceptor(metadata);
  }

  private static Status.Code code(DetectionGrpc.DetectionBlockingStub stub) {
    try {
      return stub.detect(
                      DetectRequest.newBuilder()
                          .setImage(ByteString.copyFrom(TestPhotos.cells()))
                          .build())
                  .getDetectionsCount()
              > 0
          ? Status.Code.OK
          : Status.Code.UNKNOWN;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static com.google.rpc.Status refusal(DetectionGrpc.DetectionBlockingStub stub) {
    DetectRequest request =
        DetectRequest.newBuilder().setImage(ByteString.copyFrom(TestPhotos.cells())).build();
    return Objects.requireNonNull(
        StatusProto.fromThrowable(catchThrowable(() -> stub.detect(request))));
  }

  @Test
  void rate_countsTheFramesOfACamera() throws Exception {
    try (TestCamera camera = new TestCamera()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://localhost:%d/v1/stream?frames=3&url=%s"
                          .formatted(port, URLEncoder.encode(camera.url("/mjpeg"), UTF_8))))
              .header("X-API-Key", WATCHER)
              .build();

      List<String> lines = client.send(request, BodyHandlers.ofString()).body().lines().toList();

      assertThat(lines).filteredOn(line -> line.contains("\"detections\"")).hasSize(1);
      assertThat(lines).filteredOn(line -> line.contains("problem:rate-limited")).hasSize(2);
    }
  }

  /**
   * A browser shows the last frame meanwhile, and would show nothing more of a stream that ends.
   */
  @Test
  void framesBeyondTheRate_arePassedOverByDoodsStream() throws Exception {
    try (TestCamera camera = new TestCamera()) {
      String asked = "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/mjpeg"));
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://localhost:%d/stream?detect_request=%s"
                          .formatted(port, URLEncoder.encode(asked, UTF_8))))
              .header("X-API-Key", VIEWER)
              .build();

      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(new String(response.body(), ISO_8859_1))
          .containsOnlyOnce("Content-Type: image/jpeg")
          .endsWith("--frame--\r\n");
    }
  }

  @Test
  void rate_countsThePhotosOfAGrpcStream() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc.getPort()).usePlaintext().build();
    try {
      BlockingClientCall<DetectRequest, DetectStreamResponse> call =
          DetectionGrpc.newBlockingV2Stub(channel)
              .withInterceptors(header("x-api-key", STREAMER))
              .detectStream();
      int answered = 0;
      for (int i = 0; i < 3; i++) {
        call.write(
            DetectRequest.newBuilder().setImage(ByteString.copyFrom(TestPhotos.cells())).build());
        answered += call.read().hasAnswer() ? 1 : 0;
      }
      call.halfClose();
      assertThat(answered).isEqualTo(1);
    } finally {
      channel.shutdownNow();
    }
  }
}
