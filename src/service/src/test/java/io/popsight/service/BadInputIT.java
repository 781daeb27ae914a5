package io.popsight.service;

import static io.popsight.service.BadInput.INFER;
import static io.popsight.service.BadInput.NOTHING;
import static io.popsight.service.BadInput.both;
import static io.popsight.service.BadInput.cut;
import static io.popsight.service.BadInput.doods;
import static io.popsight.service.BadInput.parts;
import static io.popsight.service.BadInput.post;
import static io.popsight.service.BadInput.row;
import static io.popsight.service.BadInput.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.service.BadInput.Door;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

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

  @LocalServerPort private int port;

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
            "multipart shorter than it says",
            post("/v1/detect", "multipart/form-data; boundary=b") + "Content-Length: 1000000\r\n",
            cut(parts("image", photo)),
            400),
        row(
            Door.OWN,
            "path as model",
            post("/v1/detect?model=../../etc/passwd", "image/jpeg"),
            photo,
            404),
        row(Door.OWN, "parameter of the path", post("/v1/detect;x=%zz", "image/jpeg"), photo, 400),
        row(Door.OWN, "no such method", "DELETE /v1/detect HTTP/1.1\r\nHost: a\r\n", NOTHING, 405),
        row(Door.OWN, "length not a number", detect + "Content-Length: x\r\n", photo, 400));
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

  private static Stream<Arguments> doodsRows() {
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
        row(Door.DOODS, "region null", detect, text(doods("\"regions\":[null]")), 400),
        row(Door.DOODS, "step null", detect, text(doods("\"preprocess\":[null]")), 400),
        row(
            Door.DOODS,
            "too many labels",
            detect,
            text(
                doods(
                    IntStream.range(0, 6000)
                        .mapToObj(i -> "\"%d\":50".formatted(i))
                        .collect(Collectors.joining(",", "\"detect\":{", "}")))),
            400),
        row(
            Door.DOODS,
            "region inside out",
            detect,
            text(doods("\"regions\":[{\"top\":1,\"bottom\":0,\"left\":0,\"right\":1}]")),
            400),
        row(Door.DOODS, "picture unknown", detect, text(doods("\"image\":\"gif\"")), 400),
        row(Door.DOODS, "preprocess", detect, text(doods("\"preprocess\":[\"sepia\"]")), 400),
        row(
            Door.DOODS,
            "URL",
            detect,
            text("{\"data\":\"http://169.254.169.254/latest\",\"detect\":{\"*\":1}}"),
            400),
        row(Door.DOODS, "no such method", "DELETE /detect HTTP/1.1\r\nHost: a\r\n", NOTHING, 405));
  }

  static Stream<Arguments> cases() {
    return Stream.of(own(), BadOipInput.rows(), deepstack(), doodsRows()).flatMap(door -> door);
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
}
