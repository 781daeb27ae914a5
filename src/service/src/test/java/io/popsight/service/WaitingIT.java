package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyChannelBuilder.LocalSocketPicker;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Photos that wait while all workers are busy. */
@Timeout(120)
class WaitingIT extends UnusualSettings {

  private static final String ONE = "127.0.0.1";
  private static final String OTHER = "127.0.0.2";
  private static final Duration PATIENT = Duration.ofHours(1);

  @Test
  void photo_isCountedWhileItWaitsAndTimedAfterwards() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String waits = "popsight_queue_duration_seconds_sum{model=\"alpha\"";
    CompletableFuture<HttpResponse<String>> asked;
    double before;
    long start;
    long end;
    try (BusyWorkers busy = busy()) {
      asked = photo(ONE);
      busy.awaitWaiting(1);
      start = System.nanoTime();
      before = measured.sum(waits);
      assertThat(measured.sum("popsight_queue_depth ")).isOne();
      end = System.nanoTime();
    }

    double told =
        OipClient.JSON.readTree(asked.get().body()).at("/timings_ms/queue").asDouble() / 1e3;
    assertThat(told).isGreaterThanOrEqualTo((end - start) / 1e9);
    assertThat(measured.sum(waits) - before).isCloseTo(told, within(1e-6));
    assertThat(measured.sum("popsight_queue_depth ")).isZero();
  }

  @Test
  void deadlineOfACall_freesItsPlace() throws Exception {
    try (BusyWorkers busy = busy()) {
      long start = System.nanoTime();
      Status late = call(channel, Duration.ofSeconds(2)).get();

      assertThat(late.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      busy.awaitWaiting(0);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("not by the service's own")
          .isLessThan(DEADLINE);
    }
  }

  @Test
  void deadlineOfTheService_isOverloadAndToldInEachForm() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    double before = measured.with("outcome=\"overloaded\"");
    try (BusyWorkers _ = busy()) {
      CompletableFuture<HttpResponse<String>> own = photo(ONE);
      CompletableFuture<Status> grpc = call(channel, PATIENT);
      Wire.Answer deepStack = BadInput.Door.DEEPSTACK.good(new Wire(httpPort));

      String within = "within its deadline of %d ms".formatted(DEADLINE.toMillis());
      assertThat(own.get().statusCode()).isEqualTo(504);
      assertThat(own.get().body()).contains("urn:popsight:problem:deadline-exceeded", within);
      assertThat(grpc.get().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(grpc.get().getDescription()).contains(within);
      assertThat(deepStack.status()).isEqualTo(500);
      assertThat(deepStack.text()).contains("failed to process request before timeout");
    }
    assertThat(measured.with("outcome=\"overloaded\"")).isEqualTo(before + 3);
  }

  @Test
  void addresses_takeTurns() throws Exception {
    assertThat(takesAPlace(() -> waits(photo(OTHER)), () -> waits(photo(ONE)))).isTrue();
  }

  @Test
  void addressesOverGrpc_takeTurns() throws Exception {
    ManagedChannel one = from(ONE);
    ManagedChannel other = from(OTHER);
    try {
      assertThat(takesAPlace(() -> waits(other), () -> waits(one))).isTrue();
    } finally {
      one.shutdownNow();
      other.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({"X-Forwarded-For, 203.0.113.9", "Forwarded, for=203.0.113.9"})
  void addressThatIsOnlyClaimed_givesNoTurn(String header, String address) throws Exception {
    assertThat(takesAPlace(() -> waits(photo(ONE, header, address)), () -> waits(photo(ONE))))
        .isFalse();
  }

  /** Whether a photo gets one of the places while a greedy caller waits in all of them. */
  private boolean takesAPlace(
      Supplier<CompletableFuture<Boolean>> photo, Supplier<CompletableFuture<Boolean>> greedy)
      throws Exception {
    List<CompletableFuture<Boolean>> asked = new ArrayList<>();
    try (BusyWorkers busy = busy()) {
      for (int i = 0; i < PLACES; i++) {
        asked.add(greedy.get());
      }
      busy.awaitWaiting(PLACES);
      CompletableFuture<Boolean> last = photo.get();
      asked.add(last);

      assertThat(CompletableFuture.anyOf(asked.toArray(CompletableFuture[]::new)).get())
          .as("one of them is refused")
          .isEqualTo(false);
      return !last.isDone();
    } finally {
      // The next test finds all places free.
      CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).join();
    }
  }

  /** Workers that were slow in an earlier test leave fewer places until they are quick again. */
  private BusyWorkers busy() throws InterruptedException {
    while (pool.capacity() < PLACES) {
      boolean _ = pool.run(_ -> true);
    }
    return BusyWorkers.of(pool);
  }

  private CompletableFuture<HttpResponse<String>> photo(String from, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/v1/detect".formatted(httpPort)))
            .header("Content-Type", "image/jpeg")
            .POST(BodyPublishers.ofByteArray(TestPhotos.cells()));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newBuilder()
        .localAddress(InetAddress.ofLiteral(from))
        .build()
        .sendAsync(request.build(), BodyHandlers.ofString());
  }

  private static CompletableFuture<Boolean> waits(CompletableFuture<HttpResponse<String>> answer) {
    return answer.thenApply(response -> response.statusCode() != 429);
  }

  private static CompletableFuture<Boolean> waits(ManagedChannel channel) {
    return call(channel, PATIENT)
        .thenApply(status -> status.getCode() != Status.Code.RESOURCE_EXHAUSTED);
  }

  private static CompletableFuture<Status> call(ManagedChannel channel, Duration deadline) {
    DetectRequest request =
        DetectRequest.newBuilder().setImage(ByteString.copyFrom(TestPhotos.cells())).build();
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            DetectResponse _ =
                DetectionGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                    .detect(request);
            return Status.OK;
          } catch (StatusRuntimeException e) {
            return e.getStatus();
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  private ManagedChannel from(String address) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port())
        .usePlaintext()
        .localSocketPicker(
            new LocalSocketPicker() {
              @Override
              public SocketAddress createSocketAddress(SocketAddress to, Attributes attributes) {
                return new InetSocketAddress(address, 0);
              }
            })
        .build();
  }
}
