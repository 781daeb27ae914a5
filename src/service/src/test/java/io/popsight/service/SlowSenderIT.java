package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.popsight.inference.v2.GRPCInferenceServiceGrpc;
import io.popsight.inference.v2.ServerLiveRequest;
import io.popsight.service.desk.LeastRate;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;

/** Senders who keep their connection busy and send next to nothing. */
@TestPropertySource(properties = "popsight.default-model=popsight-cells")
@Timeout(120)
class SlowSenderIT extends OverGrpc {

  private static final String SIZED = "Content-Length: 1000000";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String END = "\r\n--b--\r\n";
  private static final String PART =
      "\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n";

  @LocalServerPort private int httpPort;

  @TestConfiguration
  static class Hasty {

    @Bean
    @Primary
    LeastRate hasty() {
      return new LeastRate(500, Duration.ofSeconds(2));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/detect, image/jpeg, " + SIZED,
    "/v1/detect, image/jpeg, " + CHUNKED,
    "/v1/detect, multipart/form-data; boundary=b, " + SIZED,
    "/v1/detect, multipart/form-data; boundary=b, " + CHUNKED,
    "/v1/vision/detection, multipart/form-data; boundary=b, " + SIZED,
    "/v1/vision/detection, multipart/form-data; boundary=b, " + CHUNKED,
    "/v2/models/popsight-cells/infer, application/json, " + SIZED
  })
  void bodyThatTrickles_isRefusedAndHungUpOn(String path, String type, String length)
      throws Exception {
    String response = trickled(path, type, length);

    assertThat(response)
        .startsWith("HTTP/1.1 408")
        .contains("Connection: close", "less than 500 bytes a second came for 2 s");
    if (path.equals("/v1/detect")) {
      assertThat(response)
          .contains("application/problem+json", "\"type\":\"urn:popsight:problem:too-slow\"");
    }
  }

  @Test
  void photoOfAStreamThatTrickles_endsTheStream() throws Exception {
    assertThat(trickled("/v1/stream", "multipart/mixed; boundary=b", CHUNKED))
        .startsWith("HTTP/1.1 200")
        .containsOnlyOnce("\"index\":0")
        .contains("urn:popsight:problem:too-slow")
        .endsWith("\r\n0\r\n\r\n");
  }

  @Test
  void pauseBetweenPhotosOfAStream_isLetBe() throws Exception {
    try (Socket socket = new Socket("localhost", httpPort)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              "/v1/stream",
              "multipart/mixed; boundary=b",
              "Connection: close\r\nContent-Length: "
                  + (2 * (PART.length() + TestPhotos.cells().length) + END.length())));
      for (int i = 0; i < 2; i++) {
        out.write(ascii(PART));
        out.write(TestPhotos.cells());
        Thread.sleep(Duration.ofSeconds(3));
      }
      out.write(ascii(END));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("\"index\":0", "\"index\":1")
          .doesNotContain("problem");
    }
  }

  /** Of four megabytes two come, and none of the second half. */
  @ParameterizedTest
  @ValueSource(strings = {"Detect", "DetectStream"})
  void messageOverGrpcThatIsNotFinished_endsItsCall(String method) throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    CountDownLatch half = new CountDownLatch(1);
    assertThat(isLive()).isTrue();
    ClientCall<Integer, DetectResponse> call =
        channel.newCall(
            DetectionGrpc.getDetectMethod().toBuilder(
                    new Unfinished(half, ended),
                    DetectionGrpc.getDetectMethod().getResponseMarshaller())
                .setFullMethodName("popsight.v1.Detection/" + method)
                .build(),
            CallOptions.DEFAULT);
    start(call, ended);
    Thread.ofVirtual().start(() -> call.sendMessage(4 << 20));
    half.await();

    // What is written of a message goes out with what is written next.
    assertThat(isLive()).isTrue();
    assertThat(ended.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(isLive()).isTrue();
  }

  private static void start(ClientCall<?, DetectResponse> call, CompletableFuture<Status> ended) {
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1);
  }

  /** The message has come, and the client may still say that it wants no answer. */
  @ParameterizedTest
  @ValueSource(strings = {"popsight.v1.Detection/Detect", "grpc.health.v1.Health/Check"})
  void callThatIsNotHalfClosed_isEnded(String method) throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    ClientCall<DetectRequest, DetectResponse> call =
        channel.newCall(
            DetectionGrpc.getDetectMethod().toBuilder().setFullMethodName(method).build(),
            CallOptions.DEFAULT);
    start(call, ended);
    call.sendMessage(DetectRequest.getDefaultInstance());

    assertThat(ended.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(isLive()).isTrue();
  }

  @Test
  void messageOfASocketThatIsNotFinished_closesIt() throws Exception {
    CompletableFuture<String> closed = new CompletableFuture<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://localhost:%d/detect".formatted(httpPort)),
                  new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onClose(
                        WebSocket from, int status, String reason) {
                      closed.complete(status + " " + reason);
                      return null;
                    }
                  })
              .join();
      CompletableFuture<WebSocket> _ = socket.sendText("x".repeat(10_000), false);

      assertThat(closed.get(60, TimeUnit.SECONDS))
          .isEqualTo("1008 less than 500 bytes a second came for 2 s");
    }
  }

  private boolean isLive() {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel)
        .serverLive(ServerLiveRequest.getDefaultInstance())
        .getLive();
  }

  /** A message of so many bytes, of which half are written before the call has ended. */
  private record Unfinished(CountDownLatch half, CompletableFuture<Status> ended)
      implements MethodDescriptor.Marshaller<Integer> {

    @Override
    public InputStream stream(Integer bytes) {
      return new Message(bytes);
    }

    @Override
    public Integer parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }

    private final class Message extends ByteArrayInputStream implements KnownLength, Drainable {

      Message(int length) {
        super(new byte[length]);
      }

      @Override
      public int drainTo(OutputStream target) throws IOException {
        target.write(buf, 0, count / 2);
        half.countDown();
        Status _ = ended.join();
        target.write(buf, count / 2, count - count / 2);
        return count;
      }
    }
  }

  /** Until there is an answer. */
  private String trickled(String path, String type, String length) throws IOException {
    byte[] next = ascii(length.equals(CHUNKED) ? "1\r\nx\r\n" : "x");
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket("localhost", httpPort)) {
      socket.setSoTimeout(50);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      out.write(head(path, type, length));
      if (type.startsWith("multipart/")) {
        out.write(
            ascii(length.equals(CHUNKED) ? "%x\r\n%s\r\n".formatted(PART.length(), PART) : PART));
      }
      boolean open = true;
      // Interrupted by the test's time-out.
      while (open && !Thread.currentThread().isInterrupted()) {
        try {
          int read = in.read();
          open = read >= 0;
          if (open) {
            answer.write(read);
          }
        } catch (SocketTimeoutException e) {
          out.write(next);
        }
      }
    } catch (SocketException e) {
      // Hung up on while the next byte was under way.
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  private static byte[] head(String path, String type, String length) {
    return ascii(
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%s\r\n\r\n"
            .formatted(path, type, length));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
