package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.socket.CloseStatus;
import tools.jackson.databind.JsonNode;

/** DOODS over WebSockets, for a client with a key. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK,
      "popsight.keys[0].name=camera",
      "popsight.keys[0].secret=" + DoodsSocketIT.KEY
    })
class DoodsSocketIT {

  static final String KEY = "the-key-of-a-camera";

  private final HttpClient client = HttpClient.newHttpClient();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  @LocalServerPort private int port;
  @Autowired private MeterRegistry meters;

  @Test
  void photos_areAnsweredByTheirIds() throws Exception {
    String photo = Base64.getEncoder().encodeToString(TestPhotos.cells());
    WebSocket socket = open("/detect", KEY);
    for (String asked :
        new String[] {
          "{\"id\":\"a\",\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(photo),
          "{\"id\":\"b\",\"data\":\"QUJD\",\"detect\":{\"*\":40}}",
          "{\"id\":\"d\",\"data\":\"%s\",\"detect\":{\"*\":-1}}".formatted(photo),
          "{\"id\":\"c\",\"data\":\"%s\",\"detect\":{\"WBC\":40},\"image\":\"jpeg\"}"
              .formatted(photo),
          "no JSON"
        }) {
      socket.sendText(asked, true).join();
    }

    Map<String, JsonNode> byId = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      JsonNode answer = next();
      byId.put(answer.path("id").asString(""), answer);
    }
    assertThat(byId).containsOnlyKeys("", "a", "b", "c", "d");
    assertThat(of(byId, "a").get("detections")).hasSizeGreaterThan(5);
    assertThat(of(byId, "a").has("error")).isFalse();
    assertThat(of(byId, "b").get("error").asString()).startsWith("this is no photo");
    assertThat(of(byId, "c").get("detections")).hasSize(1);
    assertThat(Base64.getDecoder().decode(of(byId, "c").get("image").asString()))
        .startsWith(0xFF, 0xD8);
    assertThat(of(byId, "d").get("error").asString()).startsWith("a confidence in detect");
    assertThat(of(byId, "").get("error").asString()).startsWith("the request cannot be read");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  @Test
  void clientThatLeavesInTheMidst_isNoFaultOfOurs() throws Exception {
    String asked =
        "{\"data\":\"%s\",\"detect\":{\"*\":40}}"
            .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells()));
    WebSocket socket = open("/detect", KEY);
    for (int i = 0; i < 40; i++) {
      socket.sendText(asked, true).join();
    }
    JsonNode _ = next();
    socket.abort();

    while (meters.get("popsight.inflight.requests").gauge().value() > 0) {
      Thread.sleep(50);
    }
    assertThat(rejected("cancelled")).isPositive();
    assertThat(rejected("internal")).isZero();
  }

  private double rejected(String reason) {
    return meters.find("popsight.requests.rejected").tag("reason", reason).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Test
  void camera_isAnsweredFrameByFrame() throws Exception {
    try (TestCamera camera = new TestCamera()) {
      WebSocket socket = open("/stream", KEY);
      socket
          .sendText(
              "{\"id\":\"7\",\"data\":\"%s\",\"detect\":{\"*\":40}}"
                  .formatted(camera.url("/endless")),
              true)
          .join();

      for (int i = 0; i < 3; i++) {
        JsonNode answer = next();
        assertThat(answer.path("id").asString("")).as(answer.toString()).isEqualTo("7");
        assertThat(answer.get("detections")).hasSizeGreaterThan(5);
      }
      socket.abort();
      assertThat(camera.isLetGo()).isTrue();
    }
  }

  @Test
  void furtherCamera_isRefusedWhileOneRuns() throws Exception {
    try (TestCamera camera = new TestCamera();
        TestCamera further = new TestCamera()) {
      WebSocket socket = open("/stream", KEY);
      for (String asked :
          new String[] {
            "{\"id\":\"1\",\"data\":\"%s\",\"detect\":{\"*\":40}}"
                .formatted(camera.url("/endless")),
            "{\"id\":\"2\",\"data\":\"%s\",\"detect\":{\"*\":40}}"
                .formatted(further.url("/endless"))
          }) {
        socket.sendText(asked, true).join();
      }

      JsonNode answer = next();
      while (answer.path("id").asString("").equals("1")) {
        assertThat(answer.has("error")).as(answer.toString()).isFalse();
        answer = next();
      }
      assertThat(answer.path("id").asString("")).isEqualTo("2");
      assertThat(answer.path("error").asString(""))
          .isEqualTo("this connection has a camera already; open another for a further one");
      assertThat(next().path("id").asString("")).isEqualTo("1");
      socket.abort();
      assertThat(camera.isLetGo()).isTrue();
    }
  }

  @Test
  void cameraThatCannotBeAsked_isToldByIdAndHungUpOn() throws Exception {
    WebSocket socket = open("/stream", KEY);
    socket
        .sendText("{\"id\":\"8\",\"data\":\"http://127.0.0.1:1/\",\"detect\":{\"*\":40}}", true)
        .join();

    JsonNode answer = next();
    assertThat(answer.path("id").asString("")).isEqualTo("8");
    assertThat(answer.get("error").asString()).startsWith("the camera cannot be asked");
    assertThat(next().get("closed").asInt()).isEqualTo(WebSocket.NORMAL_CLOSURE);
  }

  @Test
  void tooLongMessage_closesTheConnection() throws Exception {
    WebSocket socket = open("/detect", KEY);
    String piece = "A".repeat(8 << 20);
    for (int i = 0; i < 6; i++) {
      socket.sendText(piece, false).exceptionally(e -> socket).join();
    }

    JsonNode end = next();
    assertThat(end.get("closed").asInt()).isEqualTo(1009);
    assertThat(end.get("reason").asString()).matches("a request holds at most \\d+ bytes");
  }

  /** More than is kept for it: each is answered with its id. */
  @Test
  void clientThatDoesNotRead_isHungUpOn() throws Exception {
    WebSocket socket =
        open(
            "/detect",
            KEY,
            new Listener() {
              @Override
              public void onOpen(WebSocket opened) {}
            });
    String asked =
        "{\"id\":\"%s\",\"data\":\"QUJD\",\"detect\":{\"*\":40}}".formatted("x".repeat(4 << 20));
    for (int i = 0; i < 30; i++) {
      socket.sendText(asked, true).exceptionally(e -> socket).join();
    }
    socket.request(1);

    // Cut off in the midst of an answer, or told so where there was still room.
    boolean closed = false;
    while (!closed) {
      closed = next().has("closed");
    }
  }

  @Test
  void withoutAKey_orFromAForeignPage_isRefused() {
    assertThatThrownBy(() -> open("/detect", "wrong-wrong-wrong-wrong"))
        .rootCause()
        .hasMessageContaining("status code 401");
    assertThatThrownBy(
            () ->
                client
                    .newWebSocketBuilder()
                    .header("doods-auth-key", KEY)
                    .header("Origin", "https://elsewhere.example")
                    .buildAsync(uri("/detect"), new Listener())
                    .join())
        .rootCause()
        .hasMessageContaining("status code 403");
  }

  private static JsonNode of(Map<String, JsonNode> answers, String id) {
    return Objects.requireNonNull(answers.get(id));
  }

  private WebSocket open(String path, String key) {
    return open(path, key, new Listener());
  }

  private WebSocket open(String path, String key, Listener listener) {
    return client
        .newWebSocketBuilder()
        .header("doods-auth-key", key)
        .buildAsync(uri(path), listener)
        .join();
  }

  private URI uri(String path) {
    return URI.create("ws://localhost:" + port + path);
  }

  private JsonNode next() throws InterruptedException {
    return OipClient.JSON.readTree(Objects.requireNonNull(answers.poll(30, TimeUnit.SECONDS)));
  }

  private class Listener implements WebSocket.Listener {

    private final StringBuilder message = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        answers.add(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      answers.add("{\"closed\":%d,\"reason\":\"%s\"}".formatted(status, reason));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      answers.add("{\"closed\":%d}".formatted(CloseStatus.NO_CLOSE_FRAME.getCode()));
    }
  }
}
