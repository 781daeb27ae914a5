package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.popsight.service.desk.BodyMemory;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Doors where many photos or large ones come in, with eight megabytes for all of them. */
@TestPropertySource(
    properties = {
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK
    })
class MemoryIT extends OverGrpc {

  private static final int MEGABYTE = 1 << 20;
  private static final int ALL = 8 * MEGABYTE;

  private final HttpClient client = HttpClient.newHttpClient();

  @Autowired private BodyMemory memory;
  @LocalServerPort private int httpPort;

  @TestConfiguration
  static class Little {

    @Bean
    @Primary
    BodyMemory little() {
      return new BodyMemory(ALL);
    }
  }

  @AfterEach
  void everythingIsGivenBack() throws Exception {
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!isFree(ALL)) {
      assertThat(System.nanoTime()).as("memory is held still").isLessThan(patience);
      Thread.sleep(5);
    }
  }

  private boolean isFree(int bytes) {
    try (BodyMemory.Share share = memory.open()) {
      share.grow(bytes);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Test
  void grpcMessageWithoutMemory_isRefused_smallOnesAreServed() {
    try (BodyMemory.Share others = memory.open()) {
      others.grow(ALL - MEGABYTE);

      assertThat(refusal(junk(3 * MEGABYTE), "identity")).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(detector().detect(cells()).getDetectionsCount()).isPositive();
    }
    assertThat(refusal(junk(3 * MEGABYTE), "identity")).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  /** Five kilobytes on the wire. */
  @Test
  void packedMessage_countsAsWhatItUnpacksTo() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String ended = "interface=\"grpc\",model=\"none\",outcome=\"%s\"";
    double refused = measured.with(ended.formatted("refused"));
    double errors = measured.with(ended.formatted("error"));

    assertThat(refusal(junk(5 * MEGABYTE), "gzip")).isEqualTo(Status.Code.INVALID_ARGUMENT);
    everythingIsGivenBack();
    assertThat(measured.with(ended.formatted("refused"))).isEqualTo(refused + 1);
    assertThat(measured.with(ended.formatted("error"))).isEqualTo(errors);
    assertThat(detector().detect(cells()).getDetectionsCount()).isPositive();
  }

  /** Four kilobytes on the wire. */
  @Test
  void packedBody_countsAsWhatItUnpacksTo() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(new byte[3 * MEGABYTE]);
    }

    assertThat(
            client
                .send(
                    HttpRequest.newBuilder(uri("http", "/v2/models/popsight-cells/infer"))
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(packed.toByteArray()))
                        .build(),
                    BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/detect", "/v1/vision/detection"})
  void formOfUnknownLength_countsAsItComes(String path) throws Exception {
    byte[] form = parts(new byte[3 * MEGABYTE]);

    assertThat(
            client
                .send(
                    HttpRequest.newBuilder(uri("http", path))
                        .header("Content-Type", "Multipart/form-data;boundary=frame")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(form)))
                        .build(),
                    BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(413);
  }

  /** Of the larger ones two would need most of what there is, and four more than that. */
  @ParameterizedTest
  @ValueSource(ints = {MEGABYTE / 2, 3 * MEGABYTE / 2})
  void streamedMessages_giveBackWhatTheyHeld(int bytes) throws Exception {
    int photos = 40;
    Answers<DetectStreamResponse> answers = new Answers<>();
    StreamObserver<DetectRequest> stream = DetectionGrpc.newStub(channel).detectStream(answers);
    for (int i = 0; i < photos; i++) {
      stream.onNext(junk(bytes));
    }
    stream.onCompleted();

    assertThat(answers.all()).hasSize(photos).allMatch(DetectStreamResponse::hasError);
  }

  /** One of them alone has room. */
  @Test
  void partsThatTogetherAreTooLarge_areAnsweredOneAfterTheOther() throws Exception {
    byte[] large = new byte[2 * MEGABYTE];

    assertThat(streamed(large, large, large, large, large, large, large, large))
        .hasSize(8)
        .allSatisfy(
            line -> assertThat(line.at("/problem/type").asString()).endsWith(":not-a-photo"));
  }

  @Test
  void partWithoutMemory_isRefused_andTheStreamGoesOn() throws Exception {
    try (BodyMemory.Share others = memory.open()) {
      others.grow(ALL - MEGABYTE);
      List<JsonNode> lines = streamed(new byte[2 * MEGABYTE], TestPhotos.cells());

      assertThat(lines).hasSize(2);
      assertThat(lines.get(0).at("/problem/type").asString()).endsWith(":queue-full");
      assertThat(lines.get(1).get("detections")).isNotEmpty();
    }
  }

  /** Asked for once, and again and again. */
  @Test
  void photoFromAUrl_countsAsOneThatIsSent() throws Exception {
    OipClient doods = new OipClient(httpPort);
    try (TestCamera camera = new TestCamera();
        BodyMemory.Share others = memory.open()) {
      String asked = "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/large"));
      URI watched = uri("http", "/v1/stream?url=" + camera.url("/large"));
      others.grow(ALL - MEGABYTE);

      assertThat(doods.postJson("/detect", asked).status()).isEqualTo(429);
      assertThat(
              client.send(HttpRequest.newBuilder(watched).build(), BodyHandlers.ofString()).body())
          .contains(":queue-full");
      others.shrink(ALL - MEGABYTE);
      assertThat(doods.postJson("/detect", asked).text()).contains("this is no photo");
    }
  }

  @Test
  void socketMessageWithoutMemory_isHungUpOnAndMeasured() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String labels = "api=\"doods\",interface=\"rest\",model=\"none\",outcome=\"overloaded\"";
    double before = measured.with(labels);
    CompletableFuture<Integer> closed = new CompletableFuture<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                uri("ws", "/detect"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onClose(
                      WebSocket from, int status, String reason) {
                    closed.complete(status);
                    return null;
                  }
                })
            .join();
    try (BodyMemory.Share others = memory.open()) {
      others.grow(ALL - MEGABYTE);
      CompletableFuture<WebSocket> _ = socket.sendText("x".repeat(MEGABYTE / 2), false);

      assertThat(closed.get(30, TimeUnit.SECONDS)).isEqualTo(1013);
      assertThat(measured.with(labels)).isEqualTo(before + 1);
    }
  }

  /** The photo alone has room. */
  @ParameterizedTest
  @CsvSource({
    "/v1/detect, image/png",
    "/v1/detect?explain=spikes, image/png",
    "/image, jpeg",
    "/detect, jpeg",
  })
  void pictureWithoutMemory_isRefused(String path, String picture) throws Exception {
    try (BodyMemory.Share others = memory.open()) {
      others.grow(ALL - 2 * MEGABYTE);

      OipClient.Answer refused = picture(path, picture);
      assertThat(refused.text()).contains("no memory");
      assertThat(refused.status()).isEqualTo(429);
    }
    assertThat(picture(path, picture).status()).isEqualTo(200);
  }

  @Test
  void pictureThatNeverFits_isTooLarge() throws Exception {
    assertThat(picture("/detect", "png").status()).isEqualTo(413);
  }

  private OipClient.Answer picture(String path, String picture) throws Exception {
    OipClient http = new OipClient(httpPort);
    return path.startsWith("/v1/")
        ? http.post(path, TestPhotos.grainy(), "Content-Type", "image/jpeg", "Accept", picture)
        : http.postJson(path, asked(text(TestPhotos.grainy()), picture));
  }

  private static String asked(String data, String picture) {
    return "{\"id\":\"1\",\"data\":\"%s\",\"image\":\"%s\",\"detect\":{\"*\":40}}"
        .formatted(data, picture);
  }

  private static String text(byte[] photo) {
    return Base64.getEncoder().encodeToString(photo);
  }

  /** More than lies unread on the way. */
  @Test
  void pictureThatNobodyReads_holdsMemoryUntilItsReaderIsGone() throws Exception {
    byte[] photo = TestPhotos.grainy();
    try (Socket reader = new Socket()) {
      reader.setReceiveBufferSize(4096);
      reader.setSoLinger(true, 0);
      reader.connect(new InetSocketAddress("localhost", httpPort));
      OutputStream out = reader.getOutputStream();
      out.write(
          "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nAccept: image/png\r\nContent-Length: %d\r\n\r\n"
              .formatted(photo.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(photo);
      out.flush();
      assertThat(reader.getInputStream().read()).isEqualTo('H');

      assertThat(picture("/v1/detect", "image/png").status()).isEqualTo(429);
    }
    everythingIsGivenBack();
    assertThat(picture("/v1/detect", "image/png").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/detect", "/stream"})
  void pictureOfASocketWithoutMemory_isRefused(String path) throws Exception {
    CompletableFuture<String> answered = new CompletableFuture<>();
    try (TestCamera camera = new TestCamera();
        BodyMemory.Share others = memory.open()) {
      others.grow(ALL - 2 * MEGABYTE);
      String data = path.equals("/stream") ? camera.url("/grainy") : text(TestPhotos.grainy());
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  uri("ws", path),
                  new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onText(
                        WebSocket from, CharSequence piece, boolean last) {
                      answered.complete(piece.toString());
                      return null;
                    }
                  })
              .join();
      CompletableFuture<WebSocket> _ = socket.sendText(asked(data, "jpeg"), true);

      assertThat(answered.get(30, TimeUnit.SECONDS)).contains("\"error\"", "no memory");
      socket.abort();
    }
  }

  private List<JsonNode> streamed(byte[]... photos) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(uri("http", "/v1/stream?model=popsight-cells"))
                .header("Content-Type", "multipart/mixed;boundary=frame")
                .POST(BodyPublishers.ofByteArray(parts(photos)))
                .build(),
            BodyHandlers.ofLines())
        .body()
        .map(OipClient.JSON::readTree)
        .sorted(Comparator.comparingInt(line -> line.get("index").asInt()))
        .toList();
  }

  private static DetectRequest junk(int bytes) {
    return DetectRequest.newBuilder().setImage(ByteString.copyFrom(new byte[bytes])).build();
  }

  private static DetectRequest cells() {
    return DetectRequest.newBuilder()
        .setModel("popsight-cells")
        .setImage(ByteString.copyFrom(TestPhotos.cells()))
        .build();
  }

  private Status.Code refusal(DetectRequest request, String packed) {
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              var _ = detector().withCompression(packed).detect(request);
            })
        .getStatus()
        .getCode();
  }

  private DetectionGrpc.DetectionBlockingStub detector() {
    return DetectionGrpc.newBlockingStub(channel);
  }

  private URI uri(String scheme, String path) {
    return URI.create("%s://localhost:%d%s".formatted(scheme, httpPort, path));
  }

  private static byte[] parts(byte[]... photos) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] photo : photos) {
      body.writeBytes(
          "--frame\r\nContent-Type: image/jpeg\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      body.writeBytes(photo);
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes("--frame--\r\n".getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }
}
