package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Index, load and unload as Triton's and KServe's clients ask for them. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "popsight.default-model=alpha")
class OipRepositoryIT {

  @LocalServerPort private int port;
  private OipClient client = new OipClient(0);

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) {
    properties.add("popsight.models", () -> TestModels.folder().toString());
  }

  @BeforeEach
  void connect() {
    client = new OipClient(port);
  }

  @Test
  void index_listsWhatServesAndWhyTheRestDoesNot() throws Exception {
    JsonNode all = client.postJson("/v2/repository/index", "{}").json();
    JsonNode ready = client.postJson("/v2/repository/index", "{\"ready\":true}").json();

    assertThat(all.toString())
        .contains("{\"name\":\"alpha\",\"version\":\"1.10\",\"state\":\"READY\",\"reason\":\"\"}");
    assertThat(all.valueStream().filter(m -> m.get("name").asString().equals("gamma")))
        .singleElement()
        .satisfies(
            gamma -> {
              assertThat(gamma.get("state").asString()).isEqualTo("UNAVAILABLE");
              assertThat(gamma.get("reason").asString()).isNotEmpty();
            });
    assertThat(ready.valueStream().map(m -> m.get("state").asString())).containsOnly("READY");
  }

  @Test
  void version_isTheOneInThePath() throws Exception {
    OipClient.Answer old = client.rawPhoto("/v2/models/alpha/versions/1.9", TestPhotos.cells());
    OipClient.Answer newest = client.rawPhoto("/v2/models/alpha", TestPhotos.cells());

    assertThat(old.json().get("model_version").asString()).isEqualTo("1.9");
    assertThat(newest.json().get("model_version").asString()).isEqualTo("1.10");
    assertThat(client.get("/v2/models/alpha/stats").json().get("model_stats").size()).isEqualTo(2);
  }

  @Test
  void unloadedModel_isGoneUntilItIsLoaded() throws Exception {
    assertThat(client.post("/v2/repository/models/beta/unload", new byte[0]).status())
        .isEqualTo(200);
    OipClient.Answer gone = client.rawPhoto("/v2/models/beta", TestPhotos.cells());
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.json().get("error").asString()).startsWith("unknown model 'beta'");
    assertThat(client.postJson("/v2/repository/index", "").json().toString())
        .contains("{\"name\":\"beta\",\"version\":\"1\",\"state\":\"UNAVAILABLE\"");

    assertThat(client.postJson("/v2/repository/models/beta/load", "{}").json().toString())
        .isEqualTo("{\"name\":\"beta\",\"load\":true}");
    assertThat(client.rawPhoto("/v2/models/beta", TestPhotos.cells()).status()).isEqualTo(200);
  }

  @Test
  void loadingWhatIsNotThere_isRefused() throws Exception {
    OipClient.Answer unknown = client.postJson("/v2/repository/models/nobody/load", "{}");
    OipClient.Answer config =
        client.postJson(
            "/v2/repository/models/beta/load", "{\"parameters\":{\"file:1/model.onnx\":\"AAAA\"}}");

    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.json().get("error").asString()).startsWith("unknown model 'nobody'");
    assertThat(config.status()).isEqualTo(400);
    assertThat(config.json().get("error").asString()).contains("no parameters");
  }

  @Test
  void body_isReadWhateverItsTypeIsCalledAndUpToALimit() throws Exception {
    String form = "application/x-www-form-urlencoded";
    OipClient.Answer curl =
        client.post(
            "/v2/repository/index",
            "{\"ready\":true}".getBytes(StandardCharsets.UTF_8),
            "Content-Type",
            form);
    OipClient.Answer large =
        client.post("/v2/repository/index", new byte[1 << 20], "Content-Type", "application/json");

    assertThat(curl.json().valueStream().map(m -> m.get("state").asString())).containsOnly("READY");
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.json().get("error").asString()).contains("at most 65536 bytes");
  }
}
