package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What our own door answers. */
class DetectIT extends OwnDoor {

  @Test
  void photo_isAnsweredWithBoxesInItsOwnPixels() throws Exception {
    JsonNode answer = json(post("/v1/detect", "image/jpeg", TestPhotos.cells()));

    assertThat(answer.get("model").asString()).isEqualTo("popsight-cells");
    assertThat(answer.get("backend").asString()).isEqualTo("popcount");
    assertThat(answer.get("image").get("width").asInt()).isEqualTo(640);
    assertThat(answer.get("image").get("height").asInt()).isEqualTo(480);
    // One white cell at 260,177..491,376, by the data set's annotation.
    JsonNode white =
        answer
            .get("detections")
            .valueStream()
            .filter(d -> d.get("label").asString().equals("WBC"))
            .findFirst()
            .orElseThrow();
    assertThat(white.get("box").get("x_min").asDouble()).isBetween(220.0, 300.0);
    assertThat(white.get("box").get("y_max").asDouble()).isBetween(336.0, 416.0);
    assertThat(answer.get("detections").size()).isGreaterThan(5);
    assertThat(answer.get("timings_ms").get("total").asDouble()).isPositive();
    assertThat(answer.get("spike_rates").get(0).get("rate").asDouble()).isBetween(0.01, 0.6);
    double last = 1;
    for (JsonNode found : answer.get("detections")) {
      assertThat(found.get("score").asDouble()).isLessThanOrEqualTo(last);
      last = found.get("score").asDouble();
    }
  }

  @Test
  void backends_answerTheSameToTheBit() throws Exception {
    JsonNode popcount = json(post("/v1/detect?min_score=0.05", "image/jpeg", TestPhotos.cells()));
    JsonNode onnx =
        json(post("/v1/detect?min_score=0.05&backend=onnx", "image/jpeg", TestPhotos.cells()));

    assertThat(onnx.get("backend").asString()).isEqualTo("onnx");
    assertThat(onnx.get("detections")).isEqualTo(popcount.get("detections"));
    assertThat(onnx.get("spike_rates")).isEqualTo(popcount.get("spike_rates"));
  }

  @Test
  void multipartBatch_isAnsweredWithAnArray() throws Exception {
    JsonNode two =
        json(post("/v1/detect", multipart(), parts(TestPhotos.cells(), TestPhotos.cells())));
    JsonNode one = json(post("/v1/detect", multipart(), parts(TestPhotos.cells())));

    assertThat(two.isArray()).isTrue();
    assertThat(two.size()).isEqualTo(2);
    assertThat(one.isObject()).isTrue();
    assertThat(two.get(1).get("detections")).isEqualTo(one.get("detections"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/jpeg", "image/png"})
  void picture_isTheAnswerWhereItIsAccepted(String type) throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(uri("/v1/detect"))
                .header("Content-Type", "image/jpeg")
                .header("Accept", type)
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    BufferedImage drawn = ImageIO.read(new ByteArrayInputStream(response.body()));
    BufferedImage photo = ImageIO.read(new ByteArrayInputStream(TestPhotos.cells()));

    assertThat(response.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(drawn.getWidth()).isEqualTo(640);
    int other = 0;
    for (int i = 0; i < 640 * 480; i++) {
      int difference = drawn.getRGB(i % 640, i / 640) ^ photo.getRGB(i % 640, i / 640);
      other += (difference & 0xC0C0C0) == 0 ? 0 : 1;
    }
    assertThat(other).as("pixels of boxes").isBetween(1_000, 300_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "image/jpeg,q=0.5 | application/json; application/json",
        "application/json,q=0.1 | image/png; image/png",
        "text/html | image/* | */*,q=0.8; image/jpeg",
        "*/*; application/json",
        "text/plain; application/problem+json"
      })
  void answer_isWhatTheCallerLikesBest(String accept, String type) throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(uri("/v1/detect"))
                .header("Content-Type", "image/jpeg")
                .header("Accept", accept.replace(',', ';').replace('|', ','))
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(response.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(response.statusCode()).isEqualTo(type.contains("problem") ? 406 : 200);
  }

  @Test
  void batch_holdsOverAHundredPhotos() throws Exception {
    byte[][] photos = new byte[120][];
    Arrays.fill(photos, TestPhotos.cells());

    assertThat(json(post("/v1/detect", multipart(), parts(photos))).size()).isEqualTo(120);
  }

  @Test
  void parameters_choose() throws Exception {
    JsonNode few = json(post("/v1/detect?max_detections=2", "image/jpeg", TestPhotos.cells()));
    JsonNode white = json(post("/v1/detect?labels=WBC", "image/jpeg", TestPhotos.cells()));
    JsonNode none = json(post("/v1/detect?min_score=1", "image/jpeg", TestPhotos.cells()));

    assertThat(few.get("detections").size()).isEqualTo(2);
    assertThat(white.get("detections").valueStream().map(d -> d.get("label").asString()))
        .containsOnly("WBC");
    assertThat(none.get("detections").size()).isZero();
  }

  @Test
  void tiles_findSmallThingsByBothBackendsAlike() throws Exception {
    byte[] photo = TestPhotos.cellsFourTimes();
    JsonNode whole = json(post("/v1/detect", "image/png", photo));
    JsonNode tiled = json(post("/v1/detect?tiles=2", "image/png", photo));
    JsonNode onnx = json(post("/v1/detect?tiles=2&backend=onnx", "image/png", photo));

    assertThat(tiled.get("detections").size())
        .isGreaterThan(2 * whole.get("detections").size())
        .isGreaterThan(20);
    assertThat(onnx.get("detections")).isEqualTo(tiled.get("detections"));
    assertThat(tiled.get("image")).isEqualTo(whole.get("image"));
    assertThat(tiled.get("spike_rates")).as("of the whole").isEqualTo(whole.get("spike_rates"));
    assertThat(json(post("/v1/detect?tiles=1", "image/png", photo)).get("detections"))
        .isEqualTo(whole.get("detections"));
  }

  @Test
  void zones_keepWhatIsInAnyOfThem() throws Exception {
    JsonNode all = json(post("/v1/detect", "image/jpeg", TestPhotos.cells())).get("detections");
    // Around the white cell, and a corner.
    String zones = "zone=250,170,500,170,500,380,250,380&zone=0,0,60,0,0,60";
    JsonNode some =
        json(post("/v1/detect?" + zones, "image/jpeg", TestPhotos.cells())).get("detections");
    JsonNode first =
        json(post("/v1/detect?max_detections=1&" + zones, "image/jpeg", TestPhotos.cells()));
    JsonNode white =
        json(
            post(
                "/v1/detect?labels=WBC&zone_point=bottom&zone=250,360,500,360,500,400,250,400",
                "image/jpeg",
                TestPhotos.cells()));

    assertThat(some.size()).isBetween(1, all.size() - 1);
    assertThat(some.valueStream()).allMatch(all.valueStream().toList()::contains);
    assertThat(some.valueStream().map(d -> d.get("label").asString())).contains("WBC");
    // The best in the zones, though there are better ones elsewhere.
    assertThat(first.get("detections").get(0)).isEqualTo(some.get(0));
    assertThat(white.get("detections").size()).isEqualTo(1);
  }

  @Test
  void coco_isTheResultsFormat() throws Exception {
    JsonNode usual = json(post("/v1/detect", "image/jpeg", TestPhotos.cells())).get("detections");
    JsonNode coco =
        json(post("/v1/detect?format=coco&image_id=139", "image/jpeg", TestPhotos.cells()));
    JsonNode batch =
        json(
            post(
                "/v1/detect?format=coco",
                multipart(),
                parts(TestPhotos.cells(), TestPhotos.dark())));

    assertThat(coco.size()).isEqualTo(usual.size());
    assertThat(coco.get(0).get("image_id").isIntegralNumber()).isTrue();
    assertThat(coco.get(0).get("image_id").asInt()).isEqualTo(139);
    assertThat(coco.get(0).get("category_id").asInt())
        .isEqualTo(usual.get(0).get("class_id").asInt() + 1);
    assertThat(coco.get(0).get("bbox").get(0)).isEqualTo(usual.get(0).get("box").get("x_min"));
    assertThat(coco.get(0).get("bbox").get(2).asDouble()).isPositive();
    assertThat(batch.get(0).get("image_id").asString()).isEqualTo("a");
  }

  @Test
  void explainedSpikes_areThoseThatWereCounted() throws Exception {
    JsonNode popcount = json(post("/v1/detect?explain=spikes", "image/jpeg", TestPhotos.cells()));
    JsonNode onnx =
        json(post("/v1/detect?explain=spikes&backend=onnx", "image/jpeg", TestPhotos.cells()));
    JsonNode maps = popcount.get("spike_maps");

    assertThat(onnx.get("spike_maps")).isEqualTo(maps);
    assertThat(maps.get("layers").size()).isEqualTo(popcount.get("spike_rates").size());
    // 640x480 in a square input: bars above and below.
    assertThat(maps.get("photo").get("x_min").asDouble()).isZero();
    assertThat(maps.get("photo").get("y_min").asDouble()).isPositive();
    for (int l = 0; l < maps.get("layers").size(); l++) {
      JsonNode layer = maps.get("layers").get(l);
      double ones = layer.get("ones").valueStream().mapToDouble(JsonNode::asDouble).sum();
      int pixels = layer.get("rows").asInt() * layer.get("columns").asInt();
      assertThat(layer.get("ones").size()).isEqualTo(pixels);
      assertThat(ones / (pixels * layer.get("channels").asInt()))
          .isEqualTo(popcount.get("spike_rates").get(l).get("rate").asDouble());
    }
  }

  @Test
  void explainedSpikes_areAPictureWhereItIsAccepted() throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(uri("/v1/detect?explain=spikes"))
                .header("Accept", "image/png")
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(response.body()));

    assertThat(response.headers().firstValue("Content-Type")).hasValue("image/png");
    assertThat(sheet.getWidth()).isGreaterThan(900);
    long bright =
        IntStream.range(0, sheet.getWidth() * sheet.getHeight())
            .map(i -> sheet.getRGB(i % sheet.getWidth(), i / sheet.getWidth()))
            .filter(rgb -> (rgb >> 16 & 0xFF) > (rgb & 0xFF) + 60)
            .count();
    assertThat(bright).as("pixels that glow").isGreaterThan(5_000);
  }

  static Stream<Arguments> encodings() {
    return Stream.of(
        Arguments.of("png", BufferedImage.TYPE_3BYTE_BGR),
        Arguments.of("bmp", BufferedImage.TYPE_3BYTE_BGR),
        Arguments.of("png", BufferedImage.TYPE_4BYTE_ABGR),
        Arguments.of("png", BufferedImage.TYPE_BYTE_GRAY),
        Arguments.of("png", BufferedImage.TYPE_USHORT_GRAY),
        Arguments.of("jpeg", BufferedImage.TYPE_BYTE_GRAY));
  }

  @ParameterizedTest(name = "{0}, image type {1}")
  @MethodSource("encodings")
  void otherEncodings_areAnswered(String format, int imageType) throws Exception {
    JsonNode answer =
        json(post("/v1/detect", "application/octet-stream", TestPhotos.as(format, imageType)));

    assertThat(answer.get("image").get("width").asInt()).isEqualTo(640);
  }

  @Test
  void models_areListed() throws Exception {
    JsonNode listing = json(get("/v1/models"));

    assertThat(listing.get("default_model").asString()).isEqualTo("popsight-cells");
    JsonNode cells =
        listing
            .get("models")
            .valueStream()
            .filter(m -> m.get("name").asString().equals("popsight-cells"))
            .findFirst()
            .orElseThrow();
    assertThat(cells.get("labels").toString()).isEqualTo("[\"Platelets\",\"RBC\",\"WBC\"]");
    assertThat(cells.get("class_ids").toString()).isEqualTo("[0,1,2]");
    assertThat(cells.get("map50").asDouble()).isGreaterThan(0.5);
    assertThat(cells.get("min_score").asDouble()).isBetween(0.05, 0.9);
    assertThat(cells.get("iou").asDouble()).isBetween(0.1, 0.9);
    assertThat(cells.get("backends").toString()).isEqualTo("[\"onnx\",\"popcount\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/actuator/prometheus"})
  void metrics_showStagesAndSpikes(String path) throws Exception {
    post("/v1/detect", "image/jpeg", TestPhotos.cells());
    String metrics = get(path).body();

    for (String stage : List.of("decode", "preprocess", "infer", "postprocess")) {
      assertThat(metrics)
          .containsPattern(
              "popsight_stage_duration_seconds_bucket\\{.*stage=\"" + stage + "\".*le=");
    }
    assertThat(metrics)
        .containsPattern("popsight_spike_rate_ratio_bucket\\{.*layer=\"stage1.conv1\"");
    assertThat(metrics)
        .contains(
            "popsight_queue_duration_seconds_bucket{",
            "popsight_queue_depth",
            "popsight_model_info{");
  }

  /** The model has learned from bright microscope photos. */
  @Test
  void darkPhotos_showAsDrift() throws Exception {
    post("/v1/detect?backend=onnx", "image/jpeg", TestPhotos.cells());
    double clean = drift();
    byte[] dark = TestPhotos.dark();
    for (int i = 0; i < 50; i++) {
      assertThat(post("/v1/detect", "image/png", dark).statusCode()).isEqualTo(200);
    }
    assertThat(drift()).isGreaterThan(1.5 * clean);
  }

  private double drift() throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(l -> l.startsWith("popsight_spike_rate_drift_ratio{model=\"popsight-cells\""))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  /** A page of elsewhere cannot read the answer, but what it asks for would be done. */
  @ParameterizedTest
  @CsvSource({
    "Origin, https://elsewhere.example, 403",
    "Origin, null, 403",
    "Origin, http://LOCAL, 200",
    "Origin, https://LOCAL, 200",
    "Origin, http://not.LOCAL, 403",
    "Sec-Fetch-Site, cross-site, 403",
    "Sec-Fetch-Site, same-origin, 200",
    "Sec-Fetch-Site, none, 200"
  })
  void pagesOfElsewhere_sendNothing(String header, String value, int status) throws Exception {
    String own = value.replace("LOCAL", "localhost:" + port);
    Wire.Answer answer =
        new Wire(port)
            .send(
                "POST /v1/detect HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: image/jpeg\r\n%s: %s\r\n"
                    .formatted(port, header, own),
                TestPhotos.cells());

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    if (status == 403) {
      assertThat(answer.text()).contains("popsight.cors-origins");
    }
  }

  @Test
  void pagesOfElsewhere_mayLinkHere() throws Exception {
    HttpRequest followed =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/models"))
            .header("Sec-Fetch-Site", "cross-site")
            .build();

    assertThat(client.send(followed, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void readiness_isUp() throws Exception {
    assertThat(json(get("/actuator/health/readiness")).get("status").asString()).isEqualTo("UP");
  }

  @Test
  void manyAtOnce_getTheAnswerThatOneGets() throws Exception {
    JsonNode alone = json(post("/v1/detect", "image/jpeg", TestPhotos.cells())).get("detections");
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    client.sendAsync(
                        request("/v1/detect", "image/jpeg", TestPhotos.cells()),
                        HttpResponse.BodyHandlers.ofString()))
            .toList();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(json(answer.get()).get("detections")).isEqualTo(alone);
    }
  }

  @Test
  void higherMinScore_losesBoxesAndMovesNone() throws Exception {
    JsonNode all = json(post("/v1/detect?min_score=0.05", "image/jpeg", TestPhotos.cells()));
    JsonNode few = json(post("/v1/detect?min_score=0.5", "image/jpeg", TestPhotos.cells()));

    List<JsonNode> wanted =
        all.get("detections")
            .valueStream()
            .filter(found -> found.get("score").asDouble() >= 0.5)
            .toList();
    assertThat(few.get("detections")).isNotEmpty().containsExactlyElementsOf(wanted);
  }
}
