package io.popsight.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes what the protocol's clients do, tensors as they stand in the body. */
final class OipClient {

  static final JsonMapper JSON = new JsonMapper();
  private static final String LENGTH = "Inference-Header-Content-Length";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;

  OipClient(int port) {
    this.port = port;
  }

  /** What came back. */
  record Answer(int status, String contentType, OptionalInt jsonLength, byte[] body) {

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      int length = jsonLength.orElse(body.length);
      return JSON.readTree(new String(body, 0, length, StandardCharsets.UTF_8));
    }

    float[] floats(String output) {
      ByteBuffer raw = raw(output);
      float[] values = new float[raw.remaining() / Float.BYTES];
      raw.asFloatBuffer().get(values);
      return values;
    }

    List<Long> longs(String output) {
      ByteBuffer raw = raw(output);
      long[] values = new long[raw.remaining() / Long.BYTES];
      raw.asLongBuffer().get(values);
      return Arrays.stream(values).boxed().toList();
    }

    private ByteBuffer raw(String output) {
      int at = jsonLength.orElseThrow(() -> new AssertionError("no raw tensors: " + text()));
      for (JsonNode each : json().get("outputs")) {
        JsonNode size = each.path("parameters").path("binary_data_size");
        if (each.get("name").asString().equals(output)) {
          return ByteBuffer.wrap(Arrays.copyOfRange(body, at, at + size.asInt()))
              .order(ByteOrder.LITTLE_ENDIAN);
        }
        at += size.asInt(0);
      }
      throw new AssertionError("no output " + output);
    }
  }

  Answer get(String path, String... headers) throws IOException, InterruptedException {
    return send(with(headers, HttpRequest.newBuilder(uri(path))));
  }

  Answer post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    return send(
        with(headers, HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofByteArray(body))));
  }

  private static HttpRequest with(String[] headers, HttpRequest.Builder request) {
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  Answer postJson(String path, String json) throws IOException, InterruptedException {
    return post(path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
  }

  Answer postBinary(String path, String json, byte[] tensors)
      throws IOException, InterruptedException {
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    byte[] body = ByteBuffer.allocate(head.length + tensors.length).put(head).put(tensors).array();
    return post(
        path,
        body,
        "Content-Type",
        "application/octet-stream",
        LENGTH,
        Integer.toString(head.length));
  }

  Answer rawPhoto(String model, byte[] photo) throws IOException, InterruptedException {
    return post(model + "/infer", photo, LENGTH, "0");
  }

  private Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    Optional<String> length = response.headers().firstValue(LENGTH);
    return new Answer(
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse(""),
        length.map(text -> OptionalInt.of(Integer.parseInt(text))).orElse(OptionalInt.empty()),
        response.body());
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }
}
