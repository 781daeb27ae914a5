package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The management on a port of its own asks for the same keys. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.grpc.server.port=0",
      "management.server.port=0",
      "popsight.keys[0].name=scraper",
      "popsight.keys[0].secret=" + KeysIT.SCRAPER,
      "popsight.keys[0].roles=metrics",
      "popsight.keys[1].name=admin",
      "popsight.keys[1].secret=" + ManagementPortIT.ADMIN,
      "popsight.keys[1].roles=admin"
    })
class ManagementPortIT implements SmallModels {

  static final String ADMIN = "not-a-secret-of-an-admin";

  @LocalManagementPort private int port;

  @LocalServerPort private int photos;

  @ParameterizedTest
  @CsvSource({
    "/actuator/health/readiness, , 200",
    "/actuator/prometheus, , 401",
    "/actuator/prometheus, " + KeysIT.SCRAPER + ", 200",
    "/metrics, , 401",
    "/metrics, " + KeysIT.SCRAPER + ", 200",
    "/actuator/info, , 401",
    "/actuator, " + KeysIT.SCRAPER + ", 403"
  })
  void route_asksForItsRole(String path, @Nullable String key, int status) throws Exception {
    assertThat(status(port, path, key)).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/actuator/prometheus", "/actuator/health"})
  void route_isNowhereElse(String path) throws Exception {
    assertThat(status(photos, path, ADMIN)).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/readyz"})
  void probe_staysWherePhotosAreAnswered(String path) throws Exception {
    assertThat(status(photos, path, null)).isEqualTo(200);
    assertThat(status(port, path, ADMIN)).isEqualTo(404);
  }

  private static int status(int port, String path, @Nullable String key)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    if (key != null) {
      request.header("X-API-Key", key);
    }

    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.discarding()).statusCode();
  }
}
