package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** What an operator sets for one model holds for its answers and for no other's. */
@TestPropertySource(
    properties = {
      "popsight.per-model[0].name=popsight-cells",
      "popsight.per-model[0].backend=onnx",
      "popsight.per-model[0].min-score=0.6",
      "popsight.per-model[0].labels=RBC",
      "popsight.per-model[1].name=popsight-nano",
      "popsight.per-model[1].kernels=scalar"
    })
class PerModelIT extends OwnDoor {

  @Test
  void settings_holdForTheirModelAlone() throws Exception {
    JsonNode cells = json(post("/v1/detect", "image/jpeg", TestPhotos.cells()));
    JsonNode street =
        json(post("/v1/detect?model=popsight-street", "image/jpeg", TestPhotos.cells()));

    assertThat(cells.get("backend").asString()).isEqualTo("onnx");
    assertThat(cells.get("detections").valueStream())
        .isNotEmpty()
        .allSatisfy(
            found -> {
              assertThat(found.get("label").asString()).isEqualTo("RBC");
              assertThat(found.get("score").asDouble()).isGreaterThanOrEqualTo(0.6);
            });
    assertThat(street.get("backend").asString()).isEqualTo("popcount");
  }

  @Test
  void request_choosesWithinThem() throws Exception {
    JsonNode asked =
        json(post("/v1/detect?backend=popcount&min_score=0.9", "image/jpeg", TestPhotos.cells()));

    assertThat(asked.get("backend").asString()).isEqualTo("popcount");
    assertThat(asked.get("detections").valueStream())
        .allSatisfy(found -> assertThat(found.get("score").asDouble()).isGreaterThanOrEqualTo(0.9));
    assertProblem(
        post("/v1/detect?labels=WBC", "image/jpeg", TestPhotos.cells()), 400, "invalid-parameter");
  }

  @Test
  void forcedKernels_areNamedInTheMetrics() throws Exception {
    assertThat(get("/actuator/prometheus").body())
        .containsPattern("popsight_model_info\\{[^}]*kernels=\"scalar\"[^}]*popsight-nano");
  }
}
