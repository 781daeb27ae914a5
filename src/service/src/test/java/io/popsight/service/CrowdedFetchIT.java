package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** As many cameras as there are connections for. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.timeout=40s",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK
    })
class CrowdedFetchIT {

  private static final int CONNECTIONS = 256;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @LocalServerPort private int port;

  @Test
  void oneMore_isToldToComeAgain() throws Exception {
    List<InputStream> streams = new ArrayList<>();
    try (TestCamera camera = new TestCamera()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        HttpResponse<InputStream> stream =
            client.send(
                HttpRequest.newBuilder(stream(camera.url("/silent"))).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        streams.add(stream.body());
        assertThat(stream.statusCode()).isEqualTo(200);
      }

      HttpResponse<String> another =
          client.send(
              HttpRequest.newBuilder(stream(camera.url("/mjpeg"))).build(),
              HttpResponse.BodyHandlers.ofString());
      OipClient.Answer photo =
          new OipClient(port)
              .postJson(
                  "/detect",
                  "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(camera.url("/photo.jpg")));

      assertThat(another.statusCode()).as(another.body()).isEqualTo(429);
      assertThat(another.body()).contains("urn:popsight:problem:queue-full");
      assertThat(photo.status()).as(photo.text()).isEqualTo(429);
    } finally {
      for (InputStream stream : streams) {
        stream.close();
      }
    }
  }

  private URI stream(String camera) {
    return URI.create(
        "http://localhost:%d/v1/stream?url=%s"
            .formatted(port, URLEncoder.encode(camera, StandardCharsets.UTF_8)));
  }
}
