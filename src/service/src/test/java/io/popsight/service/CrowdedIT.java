package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.imaging.PhotoEncoder;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.DeadlineExceededException;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.Seen;
import io.popsight.service.detect.Sight;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One worker, one place to wait, several models: what happens at the limits. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.threads=1",
      "popsight.queue=1",
      "popsight.backend=onnx",
      "popsight.compare-backends=false"
    })
class CrowdedIT implements SmallModels {

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();

  @Autowired private DetectionDesk desk;
  @Autowired private InferencePool pool;
  @LocalServerPort private int port;

  @Test
  void fullQueue_isRefusedAtOnceAndNothingIsLost() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> asked =
        IntStream.range(0, 60)
            .mapToObj(i -> client.sendAsync(detect(""), BodyHandlers.ofString()))
            .toList();
    int refused = 0;
    int answered = 0;
    for (CompletableFuture<HttpResponse<String>> one : asked) {
      HttpResponse<String> response = one.get();
      if (response.statusCode() == 429) {
        refused++;
        assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(type(response)).isEqualTo("urn:popsight:problem:queue-full");
        assertThat(response.body()).contains("\"instance\":\"/v1/detect\"");
      } else {
        answered++;
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      }
    }
    assertThat(refused).isPositive();
    assertThat(answered).isPositive();
    assertThat(send(detect("")).statusCode()).isEqualTo(200);
    String metrics = get("/metrics").body();
    assertThat(rejections(metrics, "queue-full")).isEqualTo(refused);
    assertThat(metrics)
        .containsPattern(
            "popsight_request_duration_seconds_count\\{.*outcome=\"overloaded\".*\\} ");
  }

  /** The few threads that carry virtual ones would be busy, and every door with them. */
  @Test
  void picture_isDrawnOnAThreadForIt(@Autowired DetectionDesk desk) throws Exception {
    DetectionRequest request = asked(Optional.empty());
    byte[] photo = TestPhotos.cells();
    FutureTask<Boolean> caller =
        new FutureTask<>(
            () ->
                desk.see(photo, request, false, sight -> Thread.currentThread().isVirtual())
                    .view());
    Thread.ofVirtual().start(caller);

    assertThat(caller.get()).isFalse();
    RefusedException refusal = new RefusedException(Refusal.TOO_LARGE, "made up");
    Function<Sight, Object> refusing =
        sight -> {
          throw refusal;
        };
    Function<Sight, Object> lackingMemory =
        sight -> {
          throw new OutOfMemoryError("Physical memory usage is too high");
        };
    assertThatThrownBy(() -> desk.see(photo, request, false, refusing)).isSameAs(refusal);
    assertThatThrownBy(() -> desk.see(photo, request, false, lackingMemory))
        .isInstanceOf(RejectedExecutionException.class);
  }

  /** The network runs as often for it, and a key's rate is of the machine's time. */
  @Test
  void photoInTiles_countsAsManyAsItIsLookedAt() throws Exception {
    DetectionRequest tiled = asked(Optional.of(2));
    List<Integer> charged = new ArrayList<>();
    Caller caller = new Caller("tiler", Caller.PATIENT, photos -> charged.add(photos));
    byte[] photo = TestPhotos.cells();

    caller.run(() -> desk.answers(List.of(photo, photo), _ -> "", tiled));
    caller.run(() -> desk.picture(photo, tiled, PhotoEncoder::jpeg));

    assertThat(charged).containsExactly(10, 5);
  }

  private static DetectionRequest asked(Optional<Integer> tiles) {
    Optional<String> any = Optional.empty();
    return new DetectionRequest(
        any, any, any, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), tiles);
  }

  /** Of all models: what is refused before its body is read names none. */
  private static double rejections(String metrics, String reason) {
    return Pattern.compile(
            "popsight_requests_rejected_total\\{model=\"[^\"]*\",reason=\"%s\"\\} (.*)"
                .formatted(reason))
        .matcher(metrics)
        .results()
        .mapToDouble(count -> Double.parseDouble(count.group(1)))
        .sum();
  }

  /** First for a place among those that are drawn on, then for the worker. */
  @Test
  @Timeout(60)
  void photoThatIsDrawnOn_waitsNoLongerThanAnother() throws Exception {
    DetectionRequest asked = asked(Optional.empty());
    CountDownLatch placesTaken = new CountDownLatch(2);
    CountDownLatch drawn = new CountDownLatch(1);
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch worked = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = drawn::countDown;
        AutoCloseable _ = worked::countDown) {
      for (int i = 0; i < 2; i++) {
        callers.execute(
            () -> desk.see(TestPhotos.cells(), asked, false, _ -> await(placesTaken, drawn)));
      }
      placesTaken.await();
      callers.execute(() -> pool.run(_ -> await(working, worked)));
      working.await();
      Future<Seen<PhotoAnswer>> hurried =
          callers.submit(
              () -> {
                begun.countDown();
                return new Caller("hurried", Duration.ofSeconds(3))
                    .call(() -> desk.see(TestPhotos.cells(), asked, false, Sight::answer));
              });
      begun.await();
      Thread.sleep(2500);
      drawn.countDown();
      Thread.sleep(2500);
      worked.countDown();

      assertThatThrownBy(hurried::get).hasCauseInstanceOf(DeadlineExceededException.class);
    }
  }

  @Test
  @Timeout(60)
  void greedyCallerWhoWaitsForAPicture_givesWayToAnother() throws Exception {
    DetectionRequest asked = asked(Optional.empty());
    Caller greedy = new Caller("greedy", Caller.PATIENT);
    Caller modest = new Caller("modest", Caller.PATIENT);
    CountDownLatch placesTaken = new CountDownLatch(2);
    CountDownLatch drawn = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = drawn::countDown) {
      for (int i = 0; i < 2; i++) {
        callers.execute(
            () ->
                greedy.run(
                    () ->
                        desk.see(
                            TestPhotos.cells(), asked, false, _ -> await(placesTaken, drawn))));
      }
      placesTaken.await();
      FutureTask<Seen<PhotoAnswer>> third =
          new FutureTask<>(
              () -> greedy.call(() -> desk.see(TestPhotos.cells(), asked, false, Sight::answer)));
      Thread waiting = Thread.ofVirtual().start(third);
      while (waiting.getState() != Thread.State.TIMED_WAITING) {
        Thread.sleep(1);
      }

      Future<Seen<PhotoAnswer>> other =
          callers.submit(
              () -> modest.call(() -> desk.see(TestPhotos.cells(), asked, false, Sight::answer)));

      assertThatThrownBy(third::get).hasCauseInstanceOf(RejectedExecutionException.class);
      drawn.countDown();
      assertThat(other.get().answer().model()).isEqualTo("alpha");
    }
  }

  private static boolean await(CountDownLatch begun, CountDownLatch end) {
    begun.countDown();
    try {
      end.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void newestVersion_answersAndTheFirstModelIsTheDefault() throws Exception {
    JsonNode listing = JSON.readTree(get("/v1/models").body());
    JsonNode alpha = listing.get("models").get(0);

    assertThat(listing.get("default_model").asString()).isEqualTo("alpha");
    assertThat(listing.get("models").size()).as("the broken file is left out").isEqualTo(2);
    assertThat(alpha.get("versions").toString()).isEqualTo("[\"1.9\",\"1.10\"]");
    assertThat(answer("").get("version").asString()).isEqualTo("1.10");
    assertThat(answer("?model=beta").get("model").asString()).isEqualTo("beta");
  }

  @Test
  void backends_agreeOnModelsOfAnyShape() throws Exception {
    for (String model : List.of("alpha", "beta")) {
      JsonNode onnx = answer("?min_score=0&model=" + model);
      JsonNode popcount = answer("?min_score=0&backend=popcount&model=" + model);

      assertThat(onnx.get("backend").asString()).isEqualTo("onnx");
      assertThat(popcount.get("backend").asString()).isEqualTo("popcount");
      assertThat(popcount.get("detections")).isEqualTo(onnx.get("detections"));
      assertThat(popcount.get("spike_rates")).isEqualTo(onnx.get("spike_rates"));
    }
  }

  @Test
  void requestThatCannotBeRead_isTheCallersMistake() throws Exception {
    HttpRequest noBoundary =
        HttpRequest.newBuilder(uri("/v1/detect"))
            .header("Content-Type", "multipart/form-data")
            .POST(BodyPublishers.ofString("x"))
            .build();
    HttpResponse<String> response = send(noBoundary);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(type(response)).isEqualTo("urn:popsight:problem:malformed-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/[models]| HTTP/1.1",
        "POST /v1/[models]| HTTP/1.1",
        "GET /v1/%2e%2e%2fetc HTTP/1.1",
        "POST /v1/detect?min_score=%zz HTTP/1.1",
        "TRACE /v1/models HTTP/1.1",
        "GET /error HTTP/1.1",
        "HELLO"
      })
  void requestThatOnlyTheContainerSees_isAProblemToo(String line) throws Exception {
    Wire.Answer answer = new Wire(port).send(line + "\r\nHost: localhost\r\n", new byte[0]);

    assertThat(answer.status()).isIn(400, 404, 405);
    assertThat(answer.head().toLowerCase(Locale.ROOT)).contains("application/problem+json");
    assertThat(answer.text()).contains("urn:popsight:problem:").doesNotContain("<html", "\"null\"");
  }

  private JsonNode answer(String query) throws IOException, InterruptedException {
    HttpResponse<String> response = send(detect(query));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static String type(HttpResponse<String> response) {
    return JSON.readTree(response.body()).get("type").asString();
  }

  private HttpRequest detect(String query) {
    return HttpRequest.newBuilder(uri("/v1/detect" + query))
        .header("Content-Type", "image/jpeg")
        .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
        .build();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }
}
