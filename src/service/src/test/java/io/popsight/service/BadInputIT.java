package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What goes wrong, a row a case a door: each is answered in the door's own form, and the next
 * request is served. gRPC's rows are in {@link OipGrpcIT} and {@link GrpcIT}.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.max-photo-size=1MB",
      "popsight.queue=64"
    })
class BadInputIT {

  private static final String LENGTH = "Inference-Header-Content-Length";
  private static final String INFER = "/v2/models/popsight-cells/infer";
  private static final byte[] NOTHING = new byte[0];

  @LocalServerPort private int port;

  /** How a door says that something is wrong, and a request that it serves. */
  enum Door {
    OWN {
      @Override
      void assertForm(Wire.Answer answer) {
        assertThat(answer.head()).contains("application/problem+json");
        assertThat(json(answer).get("type").asString()).startsWith("urn:popsight:problem:");
      }

      @Override
      Wire.Answer good(Wire wire) throws Exception {
        return wire.send(post("/v1/detect", "image/jpeg"), TestPhotos.cells());
      }
    },
    OIP {
      @Override
      void assertForm(Wire.Answer answer) {
        assertThat(json(answer).propertyNames()).containsExactly("error");
        assertThat(json(answer).get("error").asString()).isNotBlank();
      }

      @Override
      Wire.Answer good(Wire wire) throws Exception {
        return wire.send(post(INFER, "image/jpeg") + LENGTH + ": 0\r\n", TestPhotos.cells());
      }
    },
    DEEPSTACK {
      @Override
      void assertForm(Wire.Answer answer) {
        assertThat(json(answer).get("success").asBoolean()).isFalse();
        assertThat(json(answer).get("error").asString()).isNotBlank();
        assertThat(json(answer).has("predictions")).isFalse();
        assertThat(answer.head()).doesNotContain("chunked");
      }

      @Override
      Wire.Answer good(Wire wire) throws Exception {
        return wire.send(
            post("/v1/vision/detection", "multipart/form-data; boundary=b"),
            parts("image", TestPhotos.cells()));
      }
    },
    DOODS {
      @Override
      void assertForm(Wire.Answer answer) {
        assertThat(json(answer).get("error").asString()).isNotBlank();
        assertThat(json(answer).get("detections").size()).isZero();
      }

      @Override
      Wire.Answer good(Wire wire) throws Exception {
        return wire.send(
            post("/detect", "application/json"),
            doods("\"detect\":{\"*\":50}").getBytes(StandardCharsets.UTF_8));
      }
    };

    abstract void assertForm(Wire.Answer answer);

    abstract Wire.Answer good(Wire wire) throws Exception;
  }

  private static Stream<Arguments> own() {
    byte[] photo = TestPhotos.cells();
    String detect = post("/v1/detect", "image/jpeg");
    return Stream.of(
        row(Door.OWN, "not a photo", detect, "text".getBytes(StandardCharsets.UTF_8), 400),
        row(Door.OWN, "truncated", detect, Arrays.copyOf(photo, photo.length / 2), 400),
        row(Door.OWN, "too large", detect, new byte[(1 << 20) + 1], 413),
        row(Door.OWN, "content type", post("/v1/detect", "text/html"), photo, 415),
        row(Door.OWN, "empty", detect, NOTHING, 400),
        row(Door.OWN, "NaN", post("/v1/detect?min_score=NaN", "image/jpeg"), photo, 400),
        row(Door.OWN, "negative", post("/v1/detect?iou=-1", "image/jpeg"), photo, 400),
        row(Door.OWN, "no boundary", post("/v1/detect", "multipart/form-data"), photo, 400),
        row(
            Door.OWN,
            "half multipart",
            post("/v1/detect", "multipart/form-data; boundary=b"),
            cut(parts("image", photo)),
            400),
        row(
            Door.OWN,
            "path as model",
            post("/v1/detect?model=../../etc/passwd", "image/jpeg"),
            photo,
            404),
        row(Door.OWN, "no such method", "DELETE /v1/detect HTTP/1.1\r\nHost: a\r\n", NOTHING, 405),
        row(Door.OWN, "length not a number", detect + "Content-Length: x\r\n", photo, 400));
  }

  private static Stream<Arguments> oip() {
    byte[] photo = TestPhotos.cells();
    String infer = post(INFER, "application/json");
    String raw = post(INFER, "application/octet-stream") + LENGTH + ": ";
    String image = "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1]%s}]%s}";
    String tensor = post("/v2/models/popsight-cells-tensor/infer", "application/json");
    return Stream.of(
        row(Door.OIP, "not a photo", raw + "0\r\n", new byte[] {1, 2, 3}, 400),
        row(Door.OIP, "truncated", raw + "0\r\n", Arrays.copyOf(photo, photo.length / 2), 400),
        row(Door.OIP, "photo too large", raw + "0\r\n", new byte[(1 << 20) + 1], 413),
        row(Door.OIP, "body too large", infer + "Content-Length: 99999999999\r\n", NOTHING, 413),
        row(Door.OIP, "empty", infer, NOTHING, 400),
        row(Door.OIP, "not JSON", infer, text("{\"inputs\":[{]}"), 400),
        row(Door.OIP, "JSON of another kind", infer, text("[1,2]"), 400),
        row(Door.OIP, "two documents", infer, text("{\"inputs\":[]} {}"), 400),
        row(Door.OIP, "UTF-16", infer, "{\"inputs\":[]}".getBytes(StandardCharsets.UTF_16BE), 400),
        row(Door.OIP, "no inputs", infer, text("{}"), 400),
        row(Door.OIP, "inputs null", infer, text("{\"inputs\":null}"), 400),
        row(Door.OIP, "no data", infer, text(image.formatted("", "")), 400),
        row(
            Door.OIP,
            "no name",
            infer,
            text("{\"inputs\":[{\"datatype\":\"BYTES\",\"shape\":[1]}]}"),
            400),
        row(Door.OIP, "field twice", infer, text("{\"id\":\"a\",\"id\":\"b\",\"inputs\":[]}"), 400),
        row(
            Door.OIP,
            "deep nesting",
            infer,
            text("{\"inputs\":" + "[".repeat(5000) + "]".repeat(5000) + "}"),
            400),
        row(
            Door.OIP,
            "deep data",
            infer,
            text(image.formatted(",\"data\":" + "[".repeat(999) + "]".repeat(999), "")),
            400),
        row(
            Door.OIP,
            "many inputs",
            infer,
            text("{\"inputs\":[" + "{},".repeat(5000) + "{}]}"),
            400),
        row(Door.OIP, "not base64", infer, text(image.formatted(",\"data\":[\"a\"]", "")), 400),
        row(Door.OIP, "number for a photo", infer, text(image.formatted(",\"data\":[1]", "")), 400),
        row(
            Door.OIP,
            "more data than shape",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\",\"QUJD\"]", "")),
            400),
        row(
            Door.OIP,
            "other content_type",
            infer,
            text(
                image.formatted(
                    ",\"data\":[\"QUJD\"],\"parameters\":{\"content_type\":\"hex\"}", "")),
            400),
        row(
            Door.OIP,
            "NaN",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\"]", ",\"parameters\":{\"min_score\":NaN}")),
            400),
        row(
            Door.OIP,
            "NaN as text",
            infer,
            text(
                image.formatted(",\"data\":[\"QUJD\"]", ",\"parameters\":{\"min_score\":\"NaN\"}")),
            400),
        row(
            Door.OIP,
            "negative",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\"]", ",\"parameters\":{\"iou\":-0.5}")),
            400),
        row(
            Door.OIP,
            "half a box",
            infer,
            text(
                image.formatted(
                    ",\"data\":[\"QUJD\"]", ",\"parameters\":{\"max_detections\":1.5}")),
            400),
        row(
            Door.OIP,
            "parameter an object",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\"]", ",\"parameters\":{\"x\":{}}")),
            400),
        row(
            Door.OIP,
            "backend unknown",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\"]", ",\"parameters\":{\"backend\":\"gpu\"}")),
            400),
        row(
            Door.OIP,
            "output unknown",
            infer,
            text(image.formatted(",\"data\":[\"QUJD\"]", ",\"outputs\":[{\"name\":\"masks\"}]")),
            400),
        row(
            Door.OIP,
            "datatype",
            infer,
            text(image.replace("BYTES", "FP32").formatted(",\"data\":[1]", "")),
            400),
        row(
            Door.OIP,
            "datatype made up",
            infer,
            text(image.replace("BYTES", "X").formatted(",\"data\":[1]", "")),
            400),
        row(
            Door.OIP,
            "shape negative",
            infer,
            text(image.replace("[1]", "[-1]").formatted(",\"data\":[\"QUJD\"]", "")),
            400),
        row(
            Door.OIP,
            "shape huge",
            infer,
            text(
                image
                    .replace("[1]", "[9223372036854775807]")
                    .formatted(",\"data\":[\"QUJD\"]", "")),
            400),
        row(
            Door.OIP,
            "shape beyond 64 bits",
            infer,
            text(
                image
                    .replace("[1]", "[99999999999999999999]")
                    .formatted(",\"data\":[\"QUJD\"]", "")),
            400),
        row(
            Door.OIP,
            "shape a fraction",
            infer,
            text(image.replace("[1]", "[1.5]").formatted(",\"data\":[\"QUJD\"]", "")),
            400),
        row(
            Door.OIP,
            "network's shape",
            tensor,
            text(
                "{\"inputs\":[{\"name\":\"images\",\"datatype\":\"UINT8\",\"shape\":[1,1,1,3],\"data\":[1,2,3]}]}"),
            400),
        row(
            Door.OIP,
            "raw of another size",
            post("/v2/models/popsight-cells-tensor/infer", "a/b") + LENGTH + ": 0\r\n",
            new byte[5],
            400),
        row(
            Door.OIP,
            "raw for two inputs",
            post("/v2/models/popsight-cells-pixels/infer", "a/b") + LENGTH + ": 0\r\n",
            new byte[5],
            400),
        row(Door.OIP, "JSON length negative", raw + "-1\r\n", photo, 400),
        row(Door.OIP, "JSON length no number", raw + "1x\r\n", photo, 400),
        row(Door.OIP, "JSON length too long", raw + "999999999\r\n", photo, 400),
        binary(
            "size too long",
            image.formatted(",\"parameters\":{\"binary_data_size\":999}", ""),
            new byte[9]),
        binary(
            "size too short",
            image.formatted(",\"parameters\":{\"binary_data_size\":4}", ""),
            new byte[9]),
        binary(
            "size negative",
            image.formatted(",\"parameters\":{\"binary_data_size\":-4}", ""),
            new byte[9]),
        binary(
            "size text",
            image.formatted(",\"parameters\":{\"binary_data_size\":\"9\"}", ""),
            new byte[9]),
        binary(
            "size and data",
            image.formatted(",\"data\":[\"QUJD\"],\"parameters\":{\"binary_data_size\":9}", ""),
            new byte[9]),
        binary(
            "element too long",
            image.formatted(",\"parameters\":{\"binary_data_size\":8}", ""),
            new byte[] {-1, -1, -1, 127, 0, 0, 0, 0}),
        binary("left over", image.formatted(",\"data\":[\"QUJD\"]", ""), new byte[9]),
        binary(
            "shared memory",
            image.formatted(
                ",\"parameters\":{\"shared_memory_region\":\"a\",\"binary_data_size\":9}", ""),
            new byte[9]),
        row(Door.OIP, "compressed", infer + "Content-Encoding: gzip\r\n", photo, 415),
        row(Door.OIP, "unknown model", post("/v2/models/nobody/infer", "a/b"), photo, 404),
        row(
            Door.OIP,
            "unknown version",
            post("/v2/models/popsight-cells/versions/77/infer", "a/b"),
            photo,
            404),
        row(
            Door.OIP,
            "path as model",
            post("/v2/models/..%2f..%2fetc%2fpasswd/infer", "a/b"),
            photo,
            400),
        row(Door.OIP, "dots as model", post("/v2/models/%2e%2e/%2e%2e/infer", "a/b"), photo, 404),
        row(
            Door.OIP,
            "semicolon in model",
            post("/v2/models/popsight-cells;x=1%00/infer", "a/b"),
            photo,
            400),
        row(Door.OIP, "no such route", post("/v2/nothing", "a/b"), photo, 404),
        row(
            Door.OIP,
            "no such method",
            "DELETE /v2/models/popsight-cells HTTP/1.1\r\nHost: a\r\n",
            NOTHING,
            405),
        row(
            Door.OIP,
            "load not JSON",
            post("/v2/repository/models/popsight-cells/load", "application/json"),
            text("{"),
            400));
  }

  private static Stream<Arguments> deepstack() {
    byte[] photo = TestPhotos.cells();
    String form = post("/v1/vision/detection", "multipart/form-data; boundary=b");
    return Stream.of(
        row(Door.DEEPSTACK, "not a photo", form, parts("image", text("text")), 400),
        row(Door.DEEPSTACK, "truncated", form, parts("image", Arrays.copyOf(photo, 5000)), 400),
        row(Door.DEEPSTACK, "too large", form, parts("image", new byte[(1 << 20) + 1]), 413),
        row(Door.DEEPSTACK, "no photo", form, parts("picture", photo), 400),
        row(Door.DEEPSTACK, "no multipart", post("/v1/vision/detection", "image/jpeg"), photo, 400),
        row(
            Door.DEEPSTACK,
            "no boundary",
            post("/v1/vision/detection", "multipart/form-data"),
            photo,
            400),
        row(Door.DEEPSTACK, "half a part", form, cut(parts("image", photo)), 400),
        row(
            Door.DEEPSTACK,
            "another boundary",
            post("/v1/vision/detection", "multipart/form-data; boundary=c"),
            parts("image", photo),
            400),
        row(
            Door.DEEPSTACK,
            "confidence NaN",
            form,
            both(parts("min_confidence", text("NaN")), parts("image", photo)),
            400),
        row(
            Door.DEEPSTACK,
            "path as model",
            post("/v1/vision/custom/..%2f..%2fetc", "multipart/form-data; boundary=b"),
            parts("image", photo),
            400),
        row(
            Door.DEEPSTACK,
            "unknown model",
            post("/v1/vision/custom/nobody", "multipart/form-data; boundary=b"),
            parts("image", photo),
            404),
        row(
            Door.DEEPSTACK,
            "unknown route",
            post("/v1/vision/face", "multipart/form-data; boundary=b"),
            parts("image", photo),
            404),
        row(
            Door.DEEPSTACK,
            "no such method",
            "GET /v1/vision/detection HTTP/1.1\r\nHost: a\r\n",
            NOTHING,
            405));
  }

  private static Stream<Arguments> doods() {
    String detect = post("/detect", "application/json");
    return Stream.of(
        row(Door.DOODS, "empty", detect, NOTHING, 400),
        row(Door.DOODS, "not JSON", detect, text("data=1"), 400),
        row(Door.DOODS, "null", detect, text("null"), 400),
        row(Door.DOODS, "no data", detect, text("{\"detect\":{\"*\":50}}"), 400),
        row(Door.DOODS, "not base64", detect, text("{\"data\":\"a\",\"detect\":{\"*\":50}}"), 400),
        row(
            Door.DOODS,
            "not a photo",
            detect,
            text("{\"data\":\"QUJD\",\"detect\":{\"*\":50}}"),
            400),
        row(Door.DOODS, "field twice", detect, text("{\"data\":\"QUJD\",\"data\":\"QUJD\"}"), 400),
        row(
            Door.DOODS,
            "deep nesting",
            detect,
            text("{\"x\":" + "[".repeat(999) + "]".repeat(999) + "}"),
            400),
        row(Door.DOODS, "too large", detect, new byte[3 << 20], 413),
        row(
            Door.DOODS,
            "unknown detector",
            detect,
            text(doods("\"detector_name\":\"nobody\"")),
            400),
        row(
            Door.DOODS,
            "path as detector",
            detect,
            text(doods("\"detector_name\":\"../../etc/passwd\"")),
            400),
        row(Door.DOODS, "confidence negative", detect, text(doods("\"detect\":{\"*\":-1}")), 400),
        row(Door.DOODS, "confidence NaN", detect, text(doods("\"detect\":{\"*\":\"NaN\"}")), 400),
        row(Door.DOODS, "confidence null", detect, text(doods("\"detect\":{\"*\":null}")), 400),
        row(
            Door.DOODS,
            "region inside out",
            detect,
            text(doods("\"regions\":[{\"top\":1,\"bottom\":0,\"left\":0,\"right\":1}]")),
            400),
        row(Door.DOODS, "picture unknown", detect, text(doods("\"image\":\"gif\"")), 400),
        row(Door.DOODS, "preprocess", detect, text(doods("\"preprocess\":[\"grayscale\"]")), 400),
        row(
            Door.DOODS,
            "URL",
            detect,
            text("{\"data\":\"http://169.254.169.254/latest\",\"detect\":{\"*\":1}}"),
            400),
        row(Door.DOODS, "no such method", "DELETE /detect HTTP/1.1\r\nHost: a\r\n", NOTHING, 405));
  }

  static Stream<Arguments> cases() {
    return Stream.of(own(), oip(), deepstack(), doods()).flatMap(door -> door);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("cases")
  void badInput_isAnsweredInTheDoorsFormAndTheNextIsServed(
      Door door, String name, String head, byte[] body, int status) throws Exception {
    Wire wire = new Wire(port);

    Wire.Answer answer = wire.send(head, body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    door.assertForm(answer);
    assertThat(door.good(wire).status()).isEqualTo(200);
  }

  /** A caller who hangs up in the middle of a photo, and one who does not read the answer. */
  @ParameterizedTest
  @MethodSource("doors")
  void brokenLine_disturbsNobody(Door door) throws Exception {
    Wire wire = new Wire(port);
    for (String path : new String[] {"/v1/detect", INFER, "/v1/vision/detection", "/detect"}) {
      Wire.Answer _ =
          wire.exchange(text(post(path, "image/jpeg") + "Content-Length: 9999\r\n\r\nhalf"));
    }

    assertThat(door.good(wire).status()).isEqualTo(200);
  }

  static Stream<Door> doors() {
    return Stream.of(Door.values());
  }

  private static Arguments row(Door door, String name, String head, byte[] body, int status) {
    return Arguments.of(door, name, head, body, status);
  }

  private static Arguments binary(String name, String json, byte[] tensors) {
    byte[] head = text(json);
    return row(
        Door.OIP,
        name,
        post(INFER, "application/octet-stream") + LENGTH + ": " + head.length + "\r\n",
        both(head, tensors),
        400);
  }

  private static String post(String path, String type) {
    return "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n".formatted(path, type);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] both(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    // A form in two pieces: the first piece's end would be the form's.
    String one = new String(first, StandardCharsets.ISO_8859_1);
    both.writeBytes(
        (one.endsWith("--b--\r\n") ? one.substring(0, one.length() - 7) : one)
            .getBytes(StandardCharsets.ISO_8859_1));
    both.writeBytes(second);
    return both.toByteArray();
  }

  private static byte[] parts(String name, byte[] content) {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    String file = name.equals("image") ? "; filename=\"image\"" : "";
    parts.writeBytes(
        text("--b\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n".formatted(name, file)));
    parts.writeBytes(content);
    parts.writeBytes(text("\r\n--b--\r\n"));
    return parts.toByteArray();
  }

  private static byte[] cut(byte[] body) {
    return Arrays.copyOf(body, body.length - 20);
  }

  private static String doods(String fields) {
    return "{\"data\":\"%s\",%s}"
        .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells()), fields);
  }

  private static JsonNode json(Wire.Answer answer) {
    return new JsonMapper().readTree(answer.text());
  }
}
