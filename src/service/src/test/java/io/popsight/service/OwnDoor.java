package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service with our own door, and a client of it. */
@CellsService
abstract class OwnDoor {

  static final JsonMapper JSON = new JsonMapper();
  static final String BOUNDARY = "----popsight";

  final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort int port;

  final JsonNode assertProblem(HttpResponse<String> response, int status, String problem) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode body = JSON.readTree(response.body());
    assertThat(body.get("type").asString()).isEqualTo("urn:popsight:problem:" + problem);
    return body;
  }

  static JsonNode json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  final HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  final HttpResponse<String> post(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    return client.send(request(path, type, body), HttpResponse.BodyHandlers.ofString());
  }

  final HttpRequest request(String path, String type, byte[] body) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", type)
        .POST(BodyPublishers.ofByteArray(body))
        .build();
  }

  final URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  static String multipart() {
    return "multipart/form-data; boundary=" + BOUNDARY;
  }

  static byte[] parts(byte[]... photos) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] photo : photos) {
      body.writeBytes(
          ("--"
                  + BOUNDARY
                  + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      body.writeBytes(photo);
      body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }
}
