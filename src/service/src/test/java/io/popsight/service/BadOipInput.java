package io.popsight.service;

import static io.popsight.service.BadInput.INFER;
import static io.popsight.service.BadInput.LENGTH;
import static io.popsight.service.BadInput.NOTHING;
import static io.popsight.service.BadInput.both;
import static io.popsight.service.BadInput.cut;
import static io.popsight.service.BadInput.post;
import static io.popsight.service.BadInput.row;
import static io.popsight.service.BadInput.text;

import io.popsight.service.BadInput.Door;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.provider.Arguments;

/** Bad input at the door of the Open Inference Protocol. */
final class BadOipInput {

  private BadOipInput() {}

  static Stream<Arguments> rows() {
    byte[] photo = TestPhotos.cells();
    String infer = post(INFER, "application/json");
    String raw = post(INFER, "application/octet-stream") + LENGTH + ": ";
    String image = "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1]%s}]%s}";
    String good =
        image.formatted(
            ",\"data\":[\"%s\"]".formatted(Base64.getEncoder().encodeToString(photo)),
            ",\"outputs\":[%s]");
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
            "half a tile",
            infer,
            text(good.formatted("").replace("\"outputs\":[]", "\"parameters\":{\"tiles\":2.5}")),
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
        binary(
            "left over",
            image.formatted(
                ",\"data\":[\"%s\"]".formatted(Base64.getEncoder().encodeToString(photo)), ""),
            new byte[9]),
        binary(
            "shared memory",
            image.formatted(
                ",\"parameters\":{\"shared_memory_region\":\"a\",\"binary_data_size\":9}", ""),
            new byte[9]),
        row(
            Door.OIP,
            "shared memory for an output",
            infer,
            text(
                good.formatted(
                    "{\"name\":\"scores\",\"parameters\":{\"shared_memory_region\":\"a\"}}")),
            400),
        row(
            Door.OIP,
            "classification",
            infer,
            text(good.formatted("{\"name\":\"scores\",\"parameters\":{\"classification\":3}}")),
            400),
        row(Door.OIP, "packed unknown", infer + "Content-Encoding: br\r\n", photo, 415),
        row(Door.OIP, "packed twice", infer + "Content-Encoding: gzip, gzip\r\n", photo, 415),
        row(Door.OIP, "not gzip", infer + "Content-Encoding: gzip\r\n", photo, 400),
        row(Door.OIP, "not deflate", infer + "Content-Encoding: deflate\r\n", photo, 400),
        row(
            Door.OIP,
            "half of gzip",
            infer + "Content-Encoding: gzip\r\n",
            cut(gzip(text("{}".repeat(99)))),
            400),
        row(
            Door.OIP,
            "empty members of gzip",
            infer + "Content-Encoding: gzip\r\n",
            members(50_000),
            400),
        row(
            Door.OIP,
            "zip bomb",
            infer + "Content-Encoding: gzip\r\n",
            gzip(new byte[(64 << 20) + 1]),
            413),
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

  private static byte[] gzip(byte[] body) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static byte[] members(int members) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] empty = gzip(NOTHING);
    for (int i = 0; i < members; i++) {
      all.writeBytes(empty);
    }
    return all.toByteArray();
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
}
