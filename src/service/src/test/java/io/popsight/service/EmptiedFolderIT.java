package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Every model goes while the service runs, and one comes back. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.default-model=beta", "popsight.scan-interval=50ms"})
@DirtiesContext // it follows a folder that is taken away behind it
class EmptiedFolderIT {

  @TempDir private static Path folder;

  @LocalServerPort private int port;
  private OipClient client = new OipClient(0);

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    putBack();
    properties.add("popsight.models", folder::toString);
  }

  @BeforeEach
  void connect() {
    client = new OipClient(port);
  }

  @Test
  @Timeout(60)
  void readiness_isOffWhileThereIsNoModel() throws Exception {
    assertReady(200);
    Files.delete(folder.resolve("beta.onnx"));
    awaitDetection(404);

    assertReady(503);
    assertThat(client.get("/livez").status()).isEqualTo(200);
    assertThat(detect().text()).contains("unknown model 'beta'; there is none\"");
    assertThat(client.get("/v1/models").json().get("models")).isEmpty();

    putBack();
    awaitDetection(200);
    assertReady(200);
  }

  /** Else a load would find no way through the Service of a cluster. */
  @Test
  void readiness_staysWhereTheLastModelIsUnloadedByHand() throws Exception {
    assertThat(client.post("/v2/repository/models/beta/unload", new byte[0]).status())
        .isEqualTo(200);

    assertReady(200);

    assertThat(client.post("/v2/repository/models/beta/load", new byte[0]).status()).isEqualTo(200);
    assertThat(detect().status()).isEqualTo(200);
  }

  private void assertReady(int status) throws Exception {
    assertThat(client.get("/readyz").status()).isEqualTo(status);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(status);
    assertThat(client.get("/v2/health/ready").json().get("ready").asBoolean())
        .isEqualTo(status == 200);
  }

  private OipClient.Answer detect() throws Exception {
    return client.post("/v1/detect", TestPhotos.cells(), "Content-Type", "image/jpeg");
  }

  private void awaitDetection(int status) throws Exception {
    while (detect().status() != status) {
      Thread.sleep(20);
    }
  }

  private static void putBack() throws IOException {
    Files.write(folder.resolve("beta.onnx"), TestModels.named("beta", "1", 13));
  }
}
