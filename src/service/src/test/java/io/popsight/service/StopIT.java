package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * A stream that is open when the service is told to stop ends as if its last photo had come, but
 * over gRPC with a status that says so, and who keeps a connection is told that it ends.
 */
@Timeout(120)
class StopIT {

  private final HttpClient client = HttpClient.newHttpClient();
  private final ConfigurableApplicationContext service =
      new SpringApplication(PopsightApplication.class)
          .run(
              "--server.port=0",
              "--spring.grpc.server.port=0",
              "--popsight.models=../../models",
              "--popsight.default-model=popsight-cells",
              "--popsight.drain=500ms",
              "--popsight.deadline=5s",
              "--popsight.url-fetch.enabled=true",
              "--popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK);
  private final int port =
      service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress(
              "localhost", service.getBean(GrpcServerLifecycle.class).getPort())
          .usePlaintext()
          .build();

  @AfterEach
  void end() {
    channel.shutdownNow();
    service.close();
  }

  /** The second is asked for a photo every hundred seconds. */
  @ParameterizedTest
  @CsvSource({"/endless, ''", "/photo.jpg, '&fps=0.01'"})
  void camera_endsItsStream(String path, String parameters) throws Exception {
    try (TestCamera camera = new TestCamera();
        BufferedReader lines =
            reader(get("/v1/stream?url=" + encoded(camera.url(path)) + parameters))) {
      assertThat(lines.readLine()).contains("\"detections\"");

      stop();

      assertThat(lines.lines()).noneMatch(line -> line.contains("problem"));
    }
  }

  @Test
  void camera_endsTheStreamOfDoods() throws Exception {
    try (TestCamera camera = new TestCamera()) {
      String asked = "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/endless"));
      InputStream body = get("/stream?detect_request=" + encoded(asked));
      assertThat(body.readNBytes(1_000)).hasSize(1_000);

      stop();

      assertThat(new String(body.readAllBytes(), StandardCharsets.ISO_8859_1))
          .endsWith("--frame--\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void photos_areAnsweredAndTheirStreamEnds(boolean senderGoesOn) throws Exception {
    try (Socket socket = new Socket("localhost", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /v1/stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/mixed;boundary=frame\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      chunk(out, "--frame\r\nContent-Type: image/jpeg\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      photo(out);
      BufferedReader lines = reader(socket.getInputStream());
      until(lines, "\"index\":0");
      if (senderGoesOn) {
        Thread.ofVirtual().start(() -> photos(out));
      }

      stop();

      until(lines, "0");
      assertThat(lines.readLine()).isEmpty();
    }
  }

  /** The one who goes on sends another photo for each answer. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void grpcPhotos_areAnsweredAndTheirStreamEndsAsUnavailable(boolean senderGoesOn)
      throws Exception {
    DetectRequest photo =
        DetectRequest.newBuilder().setImage(ByteString.copyFrom(TestPhotos.cells())).build();
    CountDownLatch answered = new CountDownLatch(1);
    CompletableFuture<StreamObserver<DetectRequest>> out = new CompletableFuture<>();
    Answers<DetectStreamResponse> answers =
        new Answers<>(
            _ -> {
              answered.countDown();
              if (senderGoesOn) {
                out.join().onNext(photo);
              }
            });
    out.complete(DetectionGrpc.newStub(channel).detectStream(answers));
    out.join().onNext(photo);
    answered.await();

    stop();

    assertThatThrownBy(answers::all)
        .hasCauseInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE: the service stops; send what is not answered again");
  }

  /** And not with the server alone, which cuts a watch off without a word of health. */
  @ParameterizedTest
  @ValueSource(strings = {"", "popsight.v1.Detection"})
  void healthOverGrpc_goesWithReadiness(String name) throws Exception {
    HealthCheckRequest asked = HealthCheckRequest.newBuilder().setService(name).build();
    BlockingQueue<ServingStatus> told = new LinkedBlockingQueue<>();
    HealthGrpc.newStub(channel).watch(asked, new Answers<>(answer -> told.add(answer.getStatus())));
    assertThat(told.take()).isEqualTo(ServingStatus.SERVING);

    Thread stopping = stop();

    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
    channel.shutdownNow();
    stopping.join();
  }

  /** Nobody but its client ends a watch. */
  @Test
  void callThatGoesOn_keepsNeitherHttpNorTheProcess() throws Exception {
    CountDownLatch watching = new CountDownLatch(1);
    CountDownLatch cut = new CountDownLatch(1);
    HealthGrpc.newStub(channel)
        .watch(
            HealthCheckRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                watching.countDown();
              }

              @Override
              public void onError(Throwable failure) {
                cut.countDown();
              }

              @Override
              public void onCompleted() {}
            });
    watching.await();

    Thread stopping = stop();
    while (httpIsOpen()) {
      Thread.sleep(20);
    }

    assertThat(cut.getCount()).as("HTTP closes while gRPC waits").isOne();
    assertThat(cut.await(20, TimeUnit.SECONDS)).as("gRPC waits as long as a photo may").isTrue();
    stopping.join();
  }

  /**
   * Asked for photos, what needs none and what cannot be, over connections that are kept as long as
   * the service lets them: one that did not say it ends answers once more.
   */
  @ParameterizedTest
  @ValueSource(strings = {"POST /v1/detect", "GET /v1/models", "GET /nothing"})
  void keptConnection_endsOnlyWithAnAnswerThatSaysSo(String route) throws Exception {
    byte[] photo = route.startsWith("POST") ? TestPhotos.cells() : new byte[0];
    List<CompletableFuture<Integer>> clients = new ArrayList<>();
    CountDownLatch asking = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      CompletableFuture<Integer> last = new CompletableFuture<>();
      clients.add(last);
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  last.complete(askUntilRefused(route, photo, asking));
                } catch (IOException | RuntimeException e) {
                  last.completeExceptionally(e);
                }
              });
    }
    asking.await();

    Thread stopping = stop();

    for (CompletableFuture<Integer> last : clients) {
      assertThat(last.get(1, TimeUnit.MINUTES)).as("connections that said close").isPositive();
    }
    stopping.join();
  }

  /** Ends with a connection that is not taken; whatever else goes wrong is thrown. */
  private int askUntilRefused(String route, byte[] photo, CountDownLatch asking)
      throws IOException {
    byte[] request =
        "%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
            .formatted(route, photo.length)
            .getBytes(StandardCharsets.US_ASCII);
    int closes = 0;
    while (true) {
      try (Socket socket = new Socket()) {
        try {
          socket.connect(new InetSocketAddress("localhost", port));
        } catch (SocketException e) {
          return closes;
        }
        socket.setSoTimeout(20_000);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        boolean kept = true;
        for (int asked = 0; kept; asked++) {
          try {
            out.write(request);
            out.write(photo);
            kept = answerKeeps(in);
          } catch (IOException e) {
            if (asked == 0) {
              // Accepted by the kernel alone: never taken, as a refused one.
              return closes;
            }
            throw new IOException("cut after answer " + asked + ", which promised another", e);
          }
          asking.countDown();
        }
        closes++;
      }
    }
  }

  /** Reads an answer and says whether the connection lives on. */
  private static boolean answerKeeps(InputStream in) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf("\r\n\r\n") < 0) {
      read.append((char) next(in));
    }
    String head = read.toString().toLowerCase(Locale.ROOT);
    Matcher sized = Pattern.compile("\r\ncontent-length: (\\d+)").matcher(head);
    if (head.contains("\r\nconnection: close")) {
      in.readAllBytes();
      return false;
    }
    if (sized.find()) {
      in.skipNBytes(Long.parseLong(sized.group(1)));
    } else {
      StringBuilder chunks = new StringBuilder();
      while (chunks.indexOf("\r\n0\r\n\r\n") < 0) {
        chunks.append((char) next(in));
      }
    }
    return true;
  }

  private static int next(InputStream in) throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException("no answer");
    }
    return next;
  }

  private Thread stop() {
    return Thread.ofPlatform().start(service::close);
  }

  private boolean httpIsOpen() throws IOException {
    try (Socket _ = new Socket("localhost", port)) {
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  private InputStream get(String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
            BodyHandlers.ofInputStream())
        .body();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  private static void until(BufferedReader lines, String start) throws IOException {
    String line = Objects.requireNonNull(lines.readLine());
    while (!line.equals(start) && !line.startsWith("{" + start)) {
      line = Objects.requireNonNull(lines.readLine(), "the stream was cut before " + start);
    }
  }

  private static void photos(OutputStream out) {
    try {
      while (true) {
        photo(out);
      }
    } catch (IOException e) {
      // The test has seen enough.
    }
  }

  /** With the boundary behind it, so that it is whole. */
  private static void photo(OutputStream out) throws IOException {
    chunk(out, TestPhotos.cells());
    chunk(
        out, "\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private static void chunk(OutputStream out, byte[] bytes) throws IOException {
    out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(bytes);
    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Test
  void photoThatWasOnItsWay_isToldThatItsConnectionEnds() throws Exception {
    byte[] photo = TestPhotos.cells();
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
              .formatted(photo.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(photo, 0, 1_000);
      out.flush();
      Thread.sleep(500);

      Thread stopping = stop();
      while (!service.getBean(Draining.class).hasBegun()) {
        Thread.sleep(5);
      }
      out.write(photo, 1_000, photo.length - 1_000);

      assertThat(answerKeeps(socket.getInputStream())).isFalse();
      stopping.join();
    }
  }
}
