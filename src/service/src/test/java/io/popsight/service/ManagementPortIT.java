package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalManagementPort;

/** The management on a port of its own asks for the same keys. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-nano",
      "spring.grpc.server.port=0",
      "management.server.port=0",
      "popsight.keys[0].name=scraper",
      "popsight.keys[0].secret=" + KeysIT.SCRAPER,
      "popsight.keys[0].roles=metrics"
    })
class ManagementPortIT {

  @LocalManagementPort private int port;

  @ParameterizedTest
  @CsvSource({
    "/actuator/health/readiness, , 200",
    "/actuator/prometheus, , 401",
    "/actuator/prometheus, " + KeysIT.SCRAPER + ", 200",
    "/actuator/info, , 401",
    "/actuator, " + KeysIT.SCRAPER + ", 403"
  })
  void route_asksForItsRole(String path, @Nullable String key, int status) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    if (key != null) {
      request.header("X-API-Key", key);
    }

    assertThat(
            HttpClient.newHttpClient()
                .send(request.build(), BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(status);
  }
}
