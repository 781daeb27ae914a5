package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.Build;
import io.popsight.service.OipClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * The Open Inference Protocol over HTTP, in the bytes that its clients write: tritonclient 2.x
 * (binary tensors by default), OpenVINO Model Server's examples (BYTES photos), docling (three
 * outputs by position), curl (one raw photo).
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.queue=64"})
class OipIT {

  private static final String CELLS = "/v2/models/popsight-cells";
  private static final String VERSIONED = CELLS + "/versions/" + TestModels.CELLS_VERSION;

  @LocalServerPort private int port;
  private OipClient client = new OipClient(0);

  @BeforeEach
  void connect() {
    client = new OipClient(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/"})
  void server_saysWhoItIsAndWhatItCan(String path) throws Exception {
    JsonNode server = client.get(path).json();

    assertThat(server.get("name").asString()).isEqualTo("popsight");
    assertThat(server.get("version").asString()).isEqualTo(Build.version());
    assertThat(server.get("extensions").toString()).contains("binary_tensor_data");
  }

  @Test
  void health_isTrueWithTheNamesOfSpecAndServers() throws Exception {
    assertThat(client.get("/v2/health/live").json().get("live").asBoolean()).isTrue();
    assertThat(client.get("/v2/health/ready").json().get("live").asBoolean()).isTrue();
    assertThat(client.get("/v2/health/ready").json().get("ready").asBoolean()).isTrue();
    assertThat(client.get(CELLS + "/ready").json().get("ready").asBoolean()).isTrue();
    assertThat(client.get(VERSIONED + "/ready").json().get("name").asString())
        .isEqualTo("popsight-cells");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void photoView_takesBytesAndNamesItsLabels(boolean versioned) throws Exception {
    JsonNode model = client.get(versioned ? VERSIONED : CELLS).json();

    assertThat(model.get("platform").asString()).isEqualTo("popsight_onnx");
    assertThat(model.get("versions").toString())
        .isEqualTo("[\"" + TestModels.CELLS_VERSION + "\"]");
    assertThat(model.get("inputs").toString())
        .isEqualTo("[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[-1]}]");
    assertThat(model.get("outputs").valueStream().map(o -> o.get("name").asString()))
        .containsExactly("boxes", "scores", "labels");
    assertThat(model.get("properties").get("labels").asString()).contains("\"WBC\"");
  }

  @Test
  void curlsRawPhoto_isAnsweredWithRawTensors() throws Exception {
    // curl --data-binary sends this content type unless told otherwise.
    Answer answer =
        client.post(
            CELLS + "/infer",
            TestPhotos.cells(),
            "Content-Type",
            "application/x-www-form-urlencoded",
            "Inference-Header-Content-Length",
            "0");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/octet-stream");
    float[] scores = answer.floats("scores");
    assertThat(scores).hasSizeBetween(5, 300);
    assertThat(answer.floats("boxes")).hasSize(4 * scores.length);
    assertThat(answer.longs("labels")).hasSize(scores.length).allMatch(id -> id >= 0 && id < 3);
    assertThat(answer.json().get("model_name").asString()).isEqualTo("popsight-cells");
    assertThat(answer.json().get("model_version").asString()).isEqualTo(TestModels.CELLS_VERSION);
    assertThat(answer.json().has("id")).isFalse();
  }

  @Test
  void base64InJson_givesTheSameBoxesInJson() throws Exception {
    float[] raw = client.rawPhoto(CELLS, TestPhotos.cells()).floats("boxes");

    JsonNode json = client.postJson(CELLS + "/infer", base64("\"id\":\"a-1\",", "", 1)).json();

    assertThat(json.get("id").asString()).isEqualTo("a-1");
    JsonNode boxes = json.get("outputs").get(0);
    assertThat(boxes.get("shape").toString()).isEqualTo("[1,%d,4]".formatted(raw.length / 4));
    assertThat(boxes.get("data").size()).isEqualTo(raw.length);
    for (int i = 0; i < raw.length; i++) {
      assertThat(boxes.get("data").get(i).asFloat()).isEqualTo(raw[i]);
    }
  }

  /** MLServer's StringCodec marks an input so, and its codec of a whole request names itself. */
  @Test
  void contentTypesOfMlServer_areBase64AllTheSame() throws Exception {
    JsonNode json =
        client
            .postJson(
                CELLS + "/infer",
                base64("\"parameters\":{\"content_type\":\"np\"},", "", 1)
                    .replace("\"base64\"", "\"str\""))
            .json();

    assertThat(json.get("outputs").get(0).get("data").size()).as(json.toString()).isPositive();
  }

  /** As MLServer's types write a request: all that they know, and parameters of their own. */
  @Test
  void fieldsOfNull_andForeignParameters_areLeftOut() throws Exception {
    String own = "{\"content_type\":\"base64\",\"headers\":{\"a\":[1]},\"binary_data_size\":null}";
    JsonNode json =
        client
            .postJson(
                CELLS + "/infer",
                base64("\"id\":null,\"parameters\":null,", ",\"outputs\":null", 1)
                    .replace("{\"content_type\":\"base64\"}", own))
            .json();

    assertThat(json.get("outputs").get(0).get("data").size()).as(json.toString()).isPositive();
  }

  @Test
  void probe_isAnsweredWhateverItReads() throws Exception {
    assertThat(client.get("/v2/health/ready", "Accept", "text/plain").status()).isEqualTo(200);
    assertThat(client.get("/v2/health/live", "Accept", "text/plain").status()).isEqualTo(200);
  }

  @Test
  void ownDoor_findsTheSame() throws Exception {
    JsonNode own =
        client
            .post(
                "/v1/detect?model=popsight-cells", TestPhotos.cells(), "Content-Type", "image/jpeg")
            .json()
            .get("detections");
    Answer oip = client.rawPhoto(CELLS, TestPhotos.cells());

    float[] boxes = oip.floats("boxes");
    float[] scores = oip.floats("scores");
    List<Long> labels = oip.longs("labels");
    assertThat(scores).hasSize(own.size());
    for (int i = 0; i < scores.length; i++) {
      assertThat(scores[i]).isEqualTo(own.get(i).get("score").asFloat());
      assertThat(labels.get(i)).isEqualTo(own.get(i).get("class_id").asLong());
      assertThat(boxes[4 * i]).isEqualTo(own.get(i).get("box").get("x_min").asFloat());
      assertThat(boxes[4 * i + 3]).isEqualTo(own.get(i).get("box").get("y_max").asFloat());
    }
  }

  @Test
  void parametersOfTheRequest_areTheDetectors() throws Exception {
    JsonNode json =
        client
            .postJson(
                CELLS + "/infer",
                base64(
                    "",
                    ",\"parameters\":{\"min_score\":0.2,\"max_detections\":3,\"labels\":\"RBC\","
                        + "\"backend\":\"onnx\",\"priority\":1}",
                    1))
            .json();

    assertThat(json.get("outputs").get(1).get("data").size()).isBetween(1, 3);
    assertThat(json.get("outputs").get(2).get("data").valueStream().map(JsonNode::asLong))
        .containsOnly(rbc());
  }

  @Test
  void batchOfTwo_isPaddedToTheLongerRow() throws Exception {
    byte[] dark = TestPhotos.dark();
    byte[] photos = prefixed(TestPhotos.cells(), dark);
    Answer answer =
        client.postBinary(
            CELLS + "/infer",
            "{\"inputs\":[{\"name\":\"image\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":"
                + "{\"binary_data_size\":%d}}],\"parameters\":{\"binary_data_output\":true}}"
                    .formatted(photos.length),
            photos);

    List<Long> labels = answer.longs("labels");
    int most = labels.size() / 2;
    assertThat(answer.json().get("outputs").get(1).get("shape").toString())
        .isEqualTo("[2,%d]".formatted(most));
    float[] alone = client.rawPhoto(CELLS, dark).floats("scores");
    float[] scores = answer.floats("scores");
    for (int i = 0; i < most; i++) {
      assertThat(scores[most + i]).isEqualTo(i < alone.length ? alone[i] : 0);
      assertThat(labels.get(most + i) >= 0).isEqualTo(i < alone.length);
    }
  }

  @Test
  void tritonclient_asksForOneOutputInBinaryAndOneInJson() throws Exception {
    byte[] photo = prefixed(TestPhotos.cells());
    // What tritonclient's InferInput.set_data_from_numpy of an object array [1, 1] writes.
    Answer answer =
        client.postBinary(
            VERSIONED + "/infer",
            ("{\"id\":\"7\",\"inputs\":[{\"name\":\"image\",\"shape\":[1,1],\"datatype\":\"BYTES\","
                    + "\"parameters\":{\"binary_data_size\":%d}}],\"outputs\":[{\"name\":\"scores\","
                    + "\"parameters\":{\"binary_data\":true}},{\"name\":\"labels\",\"parameters\":"
                    + "{\"binary_data\":false}}]}")
                .formatted(photo.length),
            photo);

    JsonNode outputs = answer.json().get("outputs");
    assertThat(answer.json().get("id").asString()).isEqualTo("7");
    assertThat(outputs.valueStream().map(o -> o.get("name").asString()))
        .containsExactly("scores", "labels");
    assertThat(outputs.get(0).has("data")).isFalse();
    assertThat(answer.floats("scores")).hasSize(outputs.get(1).get("data").size()).isNotEmpty();
  }

  @Test
  void packedNothing_isSaidToEnd() throws Exception {
    Answer answer = client.post(CELLS + "/infer", new byte[0], "Content-Encoding", "gzip");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("error").asString())
        .isEqualTo("the body is not gzip: it ends too early");
  }

  /**
   * tritonclient's request_compression_algorithm; the length of the JSON is that before packing.
   */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void tritonclient_packsItsRequest(String encoding) throws Exception {
    byte[] json =
        "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out =
        encoding.equals("gzip") ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
      out.write(json);
      out.write(TestPhotos.cells());
    }

    Answer answer =
        client.post(
            CELLS + "/infer",
            packed.toByteArray(),
            "Content-Encoding",
            encoding,
            "Inference-Header-Content-Length",
            Integer.toString(json.length));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("outputs").get(1).get("data").size()).isPositive();
  }

  @Test
  void modelServersPhotoWithoutSize_isOnePhoto() throws Exception {
    Answer answer =
        client.postBinary(
            CELLS + "/infer",
            "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\"}]}",
            TestPhotos.cells());

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("outputs").get(1).get("data").size()).isPositive();
  }

  @Test
  void base64BehindTheJson_isThatPhoto() throws Exception {
    byte[] text = prefixed(Base64.getMimeEncoder().encode(TestPhotos.cells()));
    Answer answer =
        client.postBinary(
            CELLS + "/infer",
            "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":"
                + "{\"content_type\":\"base64\",\"binary_data_size\":%d}}]}".formatted(text.length),
            text);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("outputs").get(1).get("data").size()).isPositive();
  }

  @Test
  void tensorView_givesHeadMapsAndSpikes() throws Exception {
    JsonNode model = client.get(CELLS + "-tensor").json();
    JsonNode shape = model.get("inputs").get(0).get("shape");
    int size = shape.get(1).asInt() * shape.get(2).asInt() * 3;
    byte[] grey = new byte[2 * size];
    java.util.Arrays.fill(grey, size, 2 * size, (byte) 128);

    Answer answer =
        client.post(CELLS + "-tensor/infer", grey, "Inference-Header-Content-Length", "0");
    JsonNode spikes = answer.json().get("outputs").get(answer.json().get("outputs").size() - 1);

    assertThat(answer.json().get("model_name").asString()).isEqualTo("popsight-cells-tensor");
    JsonNode head = model.get("outputs").get(0);
    assertThat(head.get("name").asString()).startsWith("head_");
    int cells = head.get("shape").get(2).asInt() * head.get("shape").get(3).asInt();
    float[] values = answer.floats(head.get("name").asString());
    assertThat(values).hasSize(2 * cells * head.get("shape").get(1).asInt());
    assertThat(spikes.get("name").asString()).startsWith("spikes_");
    assertThat(answer.longs(spikes.get("name").asString())).hasSize(2).allMatch(n -> n >= 0);
    // The same pixels one by one and written as JSON numbers are the same network.
    String json = "%d,".formatted(128).repeat(size);
    JsonNode again =
        client
            .postJson(
                CELLS + "-tensor/infer",
                ("{\"outputs\":[{\"name\":\"%s\"}],\"inputs\":[{\"data\":[[%s]],\"name\":\"images\","
                        + "\"datatype\":\"UINT8\",\"shape\":[1,%d,%d,3]}]}")
                    .formatted(
                        head.get("name").asString(),
                        json.substring(0, json.length() - 1),
                        shape.get(1).asInt(),
                        shape.get(2).asInt()))
            .json()
            .get("outputs");
    assertThat(again.size()).isEqualTo(1);
    for (int i = 0; i < values.length / 2; i += 97) {
      assertThat(again.get(0).get("data").get(i).asFloat())
          .isEqualTo(values[values.length / 2 + i]);
    }
  }

  @Test
  void docling_readsThreeOutputsByPosition() throws Exception {
    JsonNode model = client.get(CELLS + "-pixels").json();
    assertThat(model.get("inputs").size()).isEqualTo(2);
    assertThat(model.get("outputs").valueStream().map(o -> o.get("name").asString()))
        .containsExactly("labels", "boxes", "scores");

    Answer answer = doclingAsks("");

    float[] boxes = answer.floats("boxes");
    assertThat(boxes.length).isGreaterThan(8);
    for (int i = 0; i < boxes.length; i += 2) {
      assertThat(boxes[i]).isBetween(0f, 640f);
      assertThat(boxes[i + 1]).isBetween(0f, 480f);
    }
    assertThat(answer.longs("labels")).hasSize(answer.floats("scores").length);
  }

  /** What is not asked for takes nobody's place. */
  @Test
  void pixels_areFilteredBeforeTheyAreCounted() throws Exception {
    long white = doclingAsks("\"parameters\":{\"labels\":\"WBC\"},").longs("labels").getFirst();
    Answer best = doclingAsks("\"parameters\":{\"max_detections\":1},");
    Answer bestRed = doclingAsks("\"parameters\":{\"labels\":\"RBC\",\"max_detections\":1},");

    // The best box of all is a white cell, so that one alone would leave none for the red.
    assertThat(best.longs("labels")).containsExactly(white);
    assertThat(bestRed.longs("labels")).hasSize(1).doesNotContain(white);
  }

  private Answer doclingAsks(String parameters) throws Exception {
    JsonNode shape = client.get(CELLS + "-pixels").json().get("inputs").get(0).get("shape");
    int height = shape.get(2).asInt();
    int width = shape.get(3).asInt();
    ByteBuffer body =
        ByteBuffer.allocate(4 * 3 * height * width + 16).order(ByteOrder.LITTLE_ENDIAN);
    TestPhotos.stretched(width, height).forEach(body::putFloat);
    body.putLong(640).putLong(480);
    return client.postBinary(
        CELLS + "-pixels/infer",
        ("{%s\"inputs\":[{\"name\":\"pixel_values\",\"shape\":[1,3,%d,%d],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":%d}},{\"name\":\"orig_target_sizes\","
                + "\"shape\":[1,2],\"datatype\":\"INT64\",\"parameters\":{\"binary_data_size\":16}}],"
                + "\"outputs\":[{\"name\":\"labels\",\"parameters\":{\"binary_data\":true}},"
                + "{\"name\":\"boxes\",\"parameters\":{\"binary_data\":true}},"
                + "{\"name\":\"scores\",\"parameters\":{\"binary_data\":true}}]}")
            .formatted(parameters, height, width, body.capacity() - 16),
        body.array());
  }

  @Test
  void configuration_isWhatTritonsClientsRead() throws Exception {
    JsonNode config = client.get(CELLS + "/config").json();

    assertThat(config.get("max_batch_size").asInt()).isZero();
    assertThat(config.get("input").get(0).get("data_type").asString()).isEqualTo("TYPE_STRING");
    assertThat(config.get("output").get(0).get("data_type").asString()).isEqualTo("TYPE_FP32");
    assertThat(config.get("output").get(0).get("dims").toString()).isEqualTo("[-1,-1,4]");
    assertThat(config.get("parameters").get("labels").get("string_value").asString())
        .contains("RBC");
  }

  @Test
  void statistics_countRequestsAndPhotos() throws Exception {
    JsonNode before = client.get(CELLS + "/stats").json().get("model_stats").get(0);
    assertThat(client.rawPhoto(CELLS, TestPhotos.cells()).status()).isEqualTo(200);
    assertThat(client.rawPhoto(CELLS, new byte[] {1}).status()).isEqualTo(400);
    JsonNode after = client.get(VERSIONED + "/stats").json().get("model_stats").get(0);

    assertThat(more(before, after, "inference_count")).isEqualTo(1);
    JsonNode was = before.get("inference_stats");
    JsonNode is = after.get("inference_stats");
    assertThat(more(was.get("success"), is.get("success"), "count")).isEqualTo(1);
    assertThat(more(was.get("fail"), is.get("fail"), "count")).isEqualTo(1);
    assertThat(more(was.get("compute_infer"), is.get("compute_infer"), "ns")).isPositive();
    assertThat(after.get("last_inference").asLong())
        .isCloseTo(System.currentTimeMillis(), within(60_000L));
    assertThat(
            client
                .get("/v2/models/stats")
                .json()
                .get("model_stats")
                .valueStream()
                .map(model -> model.get("name").asString()))
        .containsExactlyInAnyOrder(
            "popsight-cells", "popsight-nano", "popsight-street", "popsight-voc");
  }

  private static long more(JsonNode before, JsonNode after, String field) {
    return after.get(field).asLong() - before.get(field).asLong();
  }

  private long rbc() throws Exception {
    JsonNode labels =
        OipClient.JSON.readTree(
            client.get(CELLS).json().get("properties").get("labels").asString());
    return labels.valueStream().map(JsonNode::asString).toList().indexOf("RBC");
  }

  private static byte[] prefixed(byte[]... photos) {
    int size = List.of(photos).stream().mapToInt(photo -> 4 + photo.length).sum();
    ByteBuffer body = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] photo : photos) {
      body.putInt(photo.length).put(photo);
    }
    return body.array();
  }

  private static String base64(String before, String behind, int photos) {
    String photo = "\"" + Base64.getEncoder().encodeToString(TestPhotos.cells()) + "\"";
    return "{%s\"inputs\":[{\"name\":\"image\",\"shape\":[%d],\"datatype\":\"BYTES\",\"parameters\":{\"content_type\":\"base64\"},\"data\":[%s]}]%s}"
        .formatted(before, photos, photo, behind);
  }

  @Test
  void answerWithoutBoxes_isRawAllTheSame() throws Exception {
    byte[] json =
        "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\"}],\"parameters\":{\"binary_data_output\":true,\"min_score\":1}}"
            .getBytes(StandardCharsets.UTF_8);
    Answer answer =
        client.postBinary(
            CELLS + "/infer", new String(json, StandardCharsets.UTF_8), TestPhotos.cells());

    // docling takes an answer without this header for JSON.
    assertThat(answer.jsonLength()).isPresent();
    assertThat(answer.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[1,0,4]");
  }
}
