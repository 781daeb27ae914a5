package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.params.provider.Arguments;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What rows of bad input are made of, and what each door has to say to them. */
final class BadInput {

  static final String LENGTH = "Inference-Header-Content-Length";
  static final String INFER = "/v2/models/popsight-cells/infer";
  static final byte[] NOTHING = new byte[0];

  private BadInput() {}

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

  static Arguments row(Door door, String name, String head, byte[] body, int status) {
    return Arguments.of(door, name, head, body, status);
  }

  static String post(String path, String type) {
    return "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n".formatted(path, type);
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] both(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    // A form in two pieces: the first piece's end would be the form's.
    String one = new String(first, StandardCharsets.ISO_8859_1);
    both.writeBytes(
        (one.endsWith("--b--\r\n") ? one.substring(0, one.length() - 7) : one)
            .getBytes(StandardCharsets.ISO_8859_1));
    both.writeBytes(second);
    return both.toByteArray();
  }

  static byte[] parts(String name, byte[] content) {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    String file = name.equals("image") ? "; filename=\"image\"" : "";
    parts.writeBytes(
        text("--b\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n".formatted(name, file)));
    parts.writeBytes(content);
    parts.writeBytes(text("\r\n--b--\r\n"));
    return parts.toByteArray();
  }

  static byte[] cut(byte[] body) {
    return Arrays.copyOf(body, body.length - 20);
  }

  static String doods(String fields) {
    return "{\"data\":\"%s\",%s}"
        .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells()), fields);
  }

  static JsonNode json(Wire.Answer answer) {
    return new JsonMapper().readTree(answer.text());
  }
}
