package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.popsight.Build;
import io.popsight.model.ModelFile;
import io.popsight.service.desk.Refusal;
import io.popsight.service.energy.EnergyAccounting;
import io.popsight.service.energy.EnergyTable;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectionGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;

/** What Prometheus sees: every family, and no more series whatever callers send. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "spring.grpc.server.port=0"
    })
@DirtiesContext
class MetricsIT {

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @Autowired private GrpcServerLifecycle grpc;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "popsight_request_duration_seconds_bucket{api=\"native\",interface=\"rest\",model=\"popsight-cells\",outcome=\"ok\",version=\"OURS\",le=\"0.05\"}",
        "popsight_queue_duration_seconds_bucket{model=\"popsight-cells\",version=\"OURS\",le=\"0.001\"}",
        "popsight_stage_duration_seconds_bucket{model=\"popsight-cells\",stage=\"infer\",version=\"OURS\",le=\"0.005\"}",
        "popsight_images_total{backend=\"popcount\",model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_detections_total{label=\"RBC\",model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_detection_score_bucket{model=\"popsight-cells\",version=\"OURS\",le=\"0.5\"}",
        "popsight_spike_rate_ratio_bucket{layer=",
        "popsight_spike_rate_drift_ratio{model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_spike_rate_layer_drift_ratio{layer=",
        "popsight_operations_total{kind=\"accumulate\",model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_operations_total{kind=\"multiply_accumulate\",model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_modelled_energy_joules_total{model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_inference_cpu_seconds_total{model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_model_info{backend=\"popcount\",input_size=\"",
        "popsight_model_ready{model=\"popsight-cells\",version=\"OURS\"} 1.0",
        "popsight_model_load_duration_seconds{model=\"popsight-cells\",version=\"OURS\"}",
        "popsight_build_info{arch=\"",
        "popsight_cpu_limit_cores ",
        "popsight_inference_threads ",
        "popsight_queue_depth ",
        "popsight_queue_capacity ",
        "popsight_inflight_requests ",
        "http_server_requests_seconds_count{",
        "jvm_memory_used_bytes{",
        "process_cpu_usage "
      })
  void family_isThereAfterAPhoto(String series) throws Exception {
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);

    assertThat(scrape()).contains("\n" + series.replace("OURS", TestModels.CELLS_VERSION));
  }

  @Test
  void build_isToldByItsVersion() throws Exception {
    assertThat(line("popsight_build_info{")).contains("version=\"" + Build.version() + "\"");
  }

  /** Tensors are photos too: they cost the same and drift the same. */
  @Test
  void imagesOfTheTensorView_areCounted() throws Exception {
    String images =
        "popsight_images_total{backend=\"popcount\",model=\"popsight-cells\",version=\"%s\"}"
            .formatted(TestModels.CELLS_VERSION);
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    double before = value(line(images));
    OipClient oip = new OipClient(port);
    String model = "/v2/models/popsight-cells-tensor";
    JsonNode shape = oip.get(model).json().get("inputs").get(0).get("shape");
    int height = shape.get(1).asInt();
    int width = shape.get(2).asInt();

    OipClient.Answer answer =
        oip.postBinary(
            model + "/infer",
            "{\"inputs\":[{\"name\":\"images\",\"datatype\":\"UINT8\",\"shape\":[2,%d,%d,3],\"parameters\":{\"binary_data_size\":%d}}]}"
                .formatted(height, width, 2 * 3 * height * width),
            new byte[2 * 3 * height * width]);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(value(line(images))).isEqualTo(before + 2);
    assertThat(scrape())
        .contains(
            "popsight_request_duration_seconds_count{api=\"oip\",interface=\"rest\",model=\"popsight-cells\",outcome=\"ok\"");
  }

  private String line(String start) throws Exception {
    return scrape().lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
  }

  private static double value(List<String> lines, String start) {
    return value(lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow());
  }

  @Test
  void operations_ofAPhotoFollowItsSpikes() throws Exception {
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    List<String> lines = scrape().lines().toList();
    double images = value(lines, "popsight_images_total");
    double macs = value(lines, "popsight_operations_total{kind=\"multiply_accumulate\"");
    double accumulates = value(lines, "popsight_operations_total{kind=\"accumulate\"");
    double joules = value(lines, "popsight_modelled_energy_joules_total");
    ModelFile file = ModelFile.read(Path.of("../../models/popsight-cells.onnx"));
    EnergyAccounting inspected = new EnergyAccounting(file);
    double training = inspected.networks(EnergyTable.NM45).getFirst().microjoules();

    assertThat(macs).isEqualTo(images * inspected.stemMacs());
    assertThat(accumulates).isPositive().isNotEqualTo(images * inspected.accumulates());
    // What inspect says, and 0.1 pJ for each accumulate more or less than for training's photos.
    double expected =
        images * training * 1e-6 + (accumulates - images * inspected.accumulates()) * 0.1e-12;
    assertThat(joules / expected).isBetween(0.999999, 1.000001);
  }

  @Test
  void hostileNames_makeNoSeries() throws Exception {
    makeEveryKindOfAnswer("x");
    Set<String> before = series();

    for (int i : new int[] {0, 1, 2, 5, 10, 30}) {
      makeEveryKindOfAnswer("'\"}\n{" + i + "\u2028../".repeat(i));
    }

    assertThat(series()).isEqualTo(before);
  }

  /** A rate sees nothing of a series that begins at its first error. */
  @ParameterizedTest
  @ValueSource(strings = {"ok", "refused", "overloaded", "cancelled", "error"})
  void outcomes_areCountedFromTheStart(String outcome) throws Exception {
    assertThat(scrape()).contains("popsight_requests_total{outcome=\"%s\"} ".formatted(outcome));
  }

  /** However its path is written. */
  @ParameterizedTest
  @ValueSource(strings = {"/v1/detect", "/v1/detect;x=1", "/v1/%64etect"})
  void photo_isMeasured(String path) throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    String door = "api=\"native\",interface=\"rest\",model=\"popsight-cells\",outcome=\"ok\"";
    double before = measured.with(door);

    assertThat(post(path, TestPhotos.cells()).statusCode()).isEqualTo(200);

    assertThat(measured.with(door)).isEqualTo(before + 1);
  }

  /** A burst right after the start is all that such a series would ever count. */
  @ParameterizedTest
  @EnumSource
  void refusals_areCountedFromTheStart(Refusal refusal) throws Exception {
    assertThat(scrape()).contains(rejected(refusal.slug()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"internal", "cancelled"})
  void otherEndsWithoutDetections_areCountedFromTheStart(String reason) throws Exception {
    assertThat(scrape()).contains(rejected(reason));
  }

  private static String rejected(String reason) {
    return "popsight_requests_rejected_total{model=\"none\",reason=\"%s\"} ".formatted(reason);
  }

  /** Tomcat answers it by itself. */
  @Test
  void chunkThatCannotBeRead_isTheCallersFault() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    double refused = measured.with("outcome=\"refused\"");
    double errors = measured.with("outcome=\"error\"");
    double malformed = measured.sum(rejected("malformed-request"));

    Wire.Answer answer =
        new Wire(port)
            .send(
                "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n",
                "ZZZ\r\n".getBytes(StandardCharsets.US_ASCII));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(measured.with("outcome=\"refused\"")).isEqualTo(refused + 1);
    assertThat(measured.with("outcome=\"error\"")).isEqualTo(errors);
    assertThat(measured.sum(rejected("malformed-request"))).isEqualTo(malformed + 1);
  }

  /** No route is found for it, and so no door whose request it is. */
  @Test
  void pathThatCannotBeDecoded_isRejected() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    double malformed = measured.sum(rejected("malformed-request"));

    Wire.Answer answer =
        new Wire(port).send("POST /v1/detect;x=%zz HTTP/1.1\r\nHost: localhost\r\n", new byte[0]);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(measured.sum(rejected("malformed-request"))).isEqualTo(malformed + 1);
  }

  @Test
  void openMetrics_isAnsweredToWhoAsksForIt() throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(uri("/metrics"))
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                .build(),
            BodyHandlers.ofString());

    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(t -> assertThat(t).startsWith("application/openmetrics-text"));
    assertThat(response.body()).endsWith("# EOF\n");
  }

  /** Everything that a caller chooses, over both protocols. */
  private void makeEveryKindOfAnswer(String name) throws Exception {
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    assertThat(detect("?model=" + encoded, TestPhotos.cells()).statusCode()).isEqualTo(404);
    assertThat(detect("?backend=" + encoded, TestPhotos.cells()).statusCode()).isEqualTo(400);
    assertThat(detect("?labels=" + encoded, TestPhotos.cells()).statusCode()).isEqualTo(400);
    assertThat(detect("", new byte[] {1, 2, 3}).statusCode()).isEqualTo(400);
    for (String path : List.of("/v1/vision/custom/" + encoded, "/v1/" + encoded, "/" + encoded)) {
      int _ = post(path, TestPhotos.cells()).statusCode();
    }
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc.getPort()).usePlaintext().build();
    try {
      DetectRequest asked = DetectRequest.newBuilder().setModel(name).setBackend(name).build();
      try {
        assertThat(DetectionGrpc.newBlockingStub(channel).detect(asked)).isNull();
      } catch (StatusRuntimeException refused) {
        assertThat(refused.getMessage()).contains("NOT_FOUND");
      }
    } finally {
      channel.shutdownNow();
    }
  }

  /** Names and labels of Popsight's own series and of those that have a caller's words near. */
  private Set<String> series() throws Exception {
    return scrape()
        .lines()
        .filter(line -> line.startsWith("popsight_") || line.startsWith("http_server_"))
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .collect(Collectors.toSet());
  }

  private static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private HttpResponse<String> detect(String query, byte[] photo) throws Exception {
    return post("/v1/detect" + query, photo);
  }

  private HttpResponse<String> post(String path, byte[] photo)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "image/jpeg")
            .POST(BodyPublishers.ofByteArray(photo))
            .build(),
        BodyHandlers.ofString());
  }

  private String scrape() throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(uri("/metrics")).build(), BodyHandlers.ofString())
        .body();
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"decode", "preprocess", "infer", "postprocess"})
  void stage_isTimedAsAnswered(String stage) throws Exception {
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    String sum = "popsight_stage_duration_seconds_sum{model=\"popsight-cells\",stage=\"" + stage;
    double before = value(line(sum));

    String answer = detect("", TestPhotos.cells()).body();

    double told = OipClient.JSON.readTree(answer).get("timings_ms").get(stage).asDouble() / 1e3;
    assertThat(value(line(sum)) - before).isCloseTo(told, within(1e-6));
  }

  @Test
  void detections_areCountedAndScoredAsAnswered() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    String counted = "popsight_detections_total{";
    String scored = "popsight_detection_score_sum{";
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    double countBefore = measured.sum(counted);
    double scoreBefore = measured.sum(scored);

    String answer = detect("", TestPhotos.cells()).body();

    JsonNode found = OipClient.JSON.readTree(answer).get("detections");
    double scores = found.valueStream().mapToDouble(each -> each.get("score").asDouble()).sum();
    assertThat(found).isNotEmpty();
    assertThat(measured.sum(counted) - countBefore).isEqualTo(found.size());
    assertThat(measured.sum(scored) - scoreBefore).isCloseTo(scores, within(1e-3));
  }

  /** A wave of damaged photos fills the workers as well. */
  @Test
  void photoThatFailsInTheWorker_hasItsWaitAndProcessorTimeButNoAnswer() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    String model = "{model=\"popsight-cells\"";
    double waits = measured.sum("popsight_queue_duration_seconds_count" + model);
    double cpu = measured.sum("popsight_inference_cpu_seconds_total" + model);
    double images = measured.sum("popsight_images_total");
    double stages = measured.sum("popsight_stage_duration_seconds_count" + model);

    byte[] half = Arrays.copyOf(TestPhotos.cells(), TestPhotos.cells().length / 2);
    assertThat(detect("", half).statusCode()).isEqualTo(400);

    assertThat(measured.sum("popsight_queue_duration_seconds_count" + model)).isEqualTo(waits + 1);
    assertThat(measured.sum("popsight_inference_cpu_seconds_total" + model)).isGreaterThan(cpu);
    assertThat(measured.sum("popsight_images_total")).isEqualTo(images);
    assertThat(measured.sum("popsight_stage_duration_seconds_count" + model)).isEqualTo(stages);
  }

  @Test
  void cpuSeconds_areSecondsOfTheCores() throws Exception {
    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);
    double before = value(line("popsight_inference_cpu_seconds_total"));
    long start = System.nanoTime();

    assertThat(detect("", TestPhotos.cells()).statusCode()).isEqualTo(200);

    double spent = value(line("popsight_inference_cpu_seconds_total")) - before;
    double most = Runtime.getRuntime().availableProcessors() * (System.nanoTime() - start) / 1e9;
    assertThat(spent).isPositive().isLessThan(most);
  }
}
