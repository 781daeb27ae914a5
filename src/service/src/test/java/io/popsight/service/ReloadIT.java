package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.model.ModelFile;
import io.popsight.model.SpikeLayer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The folder changes while photos are asked for. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.default-model=beta", "popsight.scan-interval=100ms"})
class ReloadIT {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path FOLDER = TestModels.folder();
  private static final int CALLERS = 3;

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) {
    properties.add("popsight.models", FOLDER::toString);
  }

  @Test
  @Timeout(120)
  void newVersion_takesOverWithoutAFailedOrMixedAnswer() throws Exception {
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    Map<String, JsonNode> answers = new ConcurrentHashMap<>();
    AtomicBoolean enough = new AtomicBoolean();
    List<Thread> callers =
        new ArrayList<>(
            IntStream.range(0, CALLERS)
                .mapToObj(i -> Thread.ofVirtual().start(() -> ask(enough, failures, answers)))
                .toList());
    callers.add(Thread.ofVirtual().start(() -> askForBatches(enough, failures)));
    for (int version = 2; version <= 5; version++) {
      replace("beta.onnx", TestModels.named("beta", Integer.toString(version), 20 + version));
      awaitVersion(Integer.toString(version));
    }
    enough.set(true);
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(failures).isEmpty();
    assertThat(answers).containsKeys("1", "2", "3", "4", "5");
    assertThat(answers.values().stream().distinct().count())
        .as("each version has an answer of its own")
        .isEqualTo(5);
  }

  @Test
  @Timeout(180)
  void brokenFile_isToldAndTheOldOneServes() throws Exception {
    byte[] whole = TestModels.named("alpha", "1.11", 31);
    replace("alpha/1.11.onnx", Arrays.copyOf(whole, whole.length / 3));
    awaitMetric("popsight_model_refused{fault=\"unreadable\",", "file=\"alpha/1.11.onnx\"} 1.0");

    JsonNode refused =
        JSON.readTree(get("/v1/models"))
            .get("refused")
            .valueStream()
            .filter(r -> r.get("file").asString().equals("alpha/1.11.onnx"))
            .findFirst()
            .orElseThrow();
    assertThat(refused.get("fault").asString()).isEqualTo("unreadable");
    assertThat(refused.get("reason").asString()).contains("not an ONNX file");
    assertThat(answer("?model=alpha").get("version").asString()).isEqualTo("1.10");
    assertThat(get("/actuator/health/readiness")).contains("UP");
    assertThat(answer("?model=alpha&version=1.9").get("version").asString()).isEqualTo("1.9");

    replace("alpha/1.11.onnx", whole);
    while (!answer("?model=alpha").get("version").asString().equals("1.11")) {
      Thread.sleep(50);
    }
    assertThat(get("/v1/models")).doesNotContain("alpha/1.11.onnx");
    awaitMetric("popsight_model_info{", "version=\"1.11\"");
    assertThat(get("/metrics"))
        .contains("popsight_spike_rate_drift_ratio{model=\"alpha\",version=\"1.11\"}");
    Files.delete(FOLDER.resolve("alpha/1.11.onnx"));
    while (!answer("?model=alpha").get("version").asString().equals("1.10")) {
      Thread.sleep(50);
    }
    while (get("/metrics").contains("version=\"1.11\"")) {
      Thread.sleep(50);
    }
    assertThat(get("/metrics")).contains("popsight_model_ready{model=\"alpha\",version=\"1.10\"}");
  }

  @Test
  @Timeout(60)
  void secondBackend_isListedOnceItAnswers() throws Exception {
    assertThat(answer("?model=alpha&backend=onnx").get("backend").asString()).isEqualTo("onnx");

    assertThat(get("/metrics"))
        .containsPattern("popsight_model_info\\{backend=\"onnx\".*model=\"alpha\"");
  }

  @Test
  @Timeout(60)
  void olderVersionAskedFor_isNotTheFileOfTheModel() throws Exception {
    assertThat(answer("?model=alpha").get("version").asString()).isEqualTo("1.10");
    assertThat(answer("?model=alpha&version=1.9").get("version").asString()).isEqualTo("1.9");

    assertThat(get("/metrics"))
        .contains("popsight_model_ready{model=\"alpha\",version=\"1.9\"}")
        .containsPattern("popsight_model_info\\{.*model=\"alpha\".*version=\"1.10\"")
        .doesNotContainPattern("popsight_model_info\\{.*model=\"alpha\".*version=\"1.9\"");
  }

  @Test
  @Timeout(60)
  void refusedFileThatGoes_isForgotten() throws Exception {
    replace("torn.onnx", new byte[] {1, 2, 3});
    awaitMetric("popsight_model_refused{", "file=\"torn.onnx\"");
    Files.delete(FOLDER.resolve("torn.onnx"));
    while (get("/metrics").contains("file=\"torn.onnx\"")) {
      Thread.sleep(50);
    }
  }

  @Test
  @Timeout(180)
  void sameVersionOfAnotherNetwork_isMeasuredAnew() throws Exception {
    for (long seed = 41; seed <= 43; seed++) {
      byte[] file = TestModels.named("delta", "1", seed);
      List<String> layers =
          ModelFile.parse(file).metadata().spikeLayers().stream().map(SpikeLayer::name).toList();
      replace("delta.onnx", file);
      while (!get("/v1/models").contains("\"delta\"")
          || !layers.equals(layersOf(answer("?model=delta")))) {
        Thread.sleep(50);
      }
      assertThat(
              get("/metrics")
                  .lines()
                  .filter(line -> line.startsWith("popsight_spike_rate_layer_drift_ratio"))
                  .filter(line -> line.contains("model=\"delta\""))
                  .map(line -> line.replaceFirst(".*layer=\"([^\"]*)\".*", "$1")))
          .containsExactlyInAnyOrderElementsOf(layers);
      awaitMetric("popsight_model_info{", "model=\"delta\"");
    }
  }

  /** Metrics are told of a change a moment after the list of models shows it. */
  private void awaitMetric(String begin, String label) throws Exception {
    while (get("/metrics")
        .lines()
        .noneMatch(metric -> metric.startsWith(begin) && metric.contains(label))) {
      Thread.sleep(50);
    }
  }

  private static List<String> layersOf(JsonNode answer) {
    return answer
        .get("spike_rates")
        .valueStream()
        .map(rate -> rate.get("layer").asString())
        .toList();
  }

  private void ask(AtomicBoolean enough, Queue<String> failures, Map<String, JsonNode> answers) {
    while (!enough.get()) {
      try {
        JsonNode answer = answer("?min_score=0");
        JsonNode first =
            answers.putIfAbsent(answer.get("version").asString(), answer.get("detections"));
        if (first != null && !first.equals(answer.get("detections"))) {
          failures.add("version " + answer.get("version") + " gave two answers");
        }
      } catch (IOException | AssertionError e) {
        failures.add(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** In the Open Inference Protocol, of whichever version answers. */
  private void askForBatches(AtomicBoolean enough, Queue<String> failures) {
    String photo = Base64.getEncoder().encodeToString(TestPhotos.cells());
    byte[] body =
        "{\"inputs\":[{\"name\":\"image\",\"shape\":[8],\"datatype\":\"BYTES\",\"data\":[%s]}]}"
            .formatted(String.join(",", Collections.nCopies(8, "\"" + photo + "\"")))
            .getBytes(StandardCharsets.UTF_8);
    OipClient oip = new OipClient(port);
    while (!enough.get()) {
      try {
        OipClient.Answer answer =
            oip.post("/v2/models/beta/infer", body, "Content-Type", "application/json");
        if (answer.status() != 200) {
          failures.add(answer.text());
        }
      } catch (IOException e) {
        failures.add(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void awaitVersion(String version) throws Exception {
    while (!answer("").get("version").asString().equals(version)) {
      Thread.sleep(50);
    }
  }

  private static void replace(String name, byte[] content) throws IOException {
    Path beside = Files.write(FOLDER.resolve("new.part"), content);
    Files.move(beside, FOLDER.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private JsonNode answer(String query) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(uri("/v1/detect" + query))
                .header("Content-Type", "image/jpeg")
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private String get(String path) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString()).body();
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }
}
