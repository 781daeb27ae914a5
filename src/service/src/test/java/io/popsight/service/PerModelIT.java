package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** What an operator sets for one model holds for its answers and for no other's. */
@TestPropertySource(
    properties = {
      "popsight.per-model[0].name=popsight-cells",
      "popsight.per-model[0].backend=onnx",
      "popsight.per-model[0].min-score=0.6",
      "popsight.per-model[0].iou=0.3",
      "popsight.per-model[0].labels=RBC",
      "popsight.per-model[1].name=popsight-nano",
      "popsight.per-model[1].kernels=scalar",
      "popsight.per-model[1].tiles=2"
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
  void listings_tellThem() throws Exception {
    JsonNode cells =
        json(get("/v1/models"))
            .get("models")
            .valueStream()
            .filter(model -> model.get("name").asString().equals("popsight-cells"))
            .findFirst()
            .orElseThrow();
    JsonNode properties = json(get("/v2/models/popsight-cells")).get("properties");

    assertThat(cells.get("min_score").asDouble()).isEqualTo(0.6);
    assertThat(cells.get("iou").asDouble()).isEqualTo(0.3);
    assertThat(cells.get("labels").toString()).isEqualTo("[\"RBC\"]");
    assertThat(cells.get("class_ids").toString()).isEqualTo("[1]");
    assertThat(properties.get("min_score").asString()).isEqualTo("0.6");
    assertThat(properties.get("iou").asString()).isEqualTo("0.3");
    // A tensor's class ids count through all of them.
    assertThat(properties.get("labels").asString()).isEqualTo("[\"Platelets\",\"RBC\",\"WBC\"]");
  }

  @Test
  void page_beginsWithThem() {
    try (Chromium chromium = Chromium.start()) {
      Page page = chromium.browser().newPage();
      page.navigate(uri("/").toString());
      page.locator("#files")
          .setInputFiles(new FilePayload("cells.jpg", "image/jpeg", TestPhotos.cells()));

      assertThat(page.locator("#boxes tbody")).containsText("RBC");
      assertThat(page.locator("#code")).containsText("min_score=0.6&iou=0.3");
      String colour = "swatch => swatch.style.getPropertyValue('--colour')";
      assertThat(page.locator("#labels .swatch").evaluate(colour))
          .isEqualTo(page.locator("#boxes .swatch").first().evaluate(colour));
    }
  }

  @Test
  void tiles_areLookedAtUnlessARequestSaysOtherwise() throws Exception {
    double before = multiplyAccumulates();
    post("/v1/detect?model=popsight-nano&tiles=1", "image/jpeg", TestPhotos.cells());
    double whole = multiplyAccumulates() - before;
    post("/v1/vision/custom/popsight-nano", multipart(), parts(TestPhotos.cells()));

    assertThat(whole).isPositive();
    assertThat((multiplyAccumulates() - before) / whole)
        .as("the whole, and it and four")
        .isEqualTo(6);

    before = multiplyAccumulates();
    post("/v1/detect?model=popsight-nano", "image/png", TestPhotos.blank(640, 160));
    assertThat((multiplyAccumulates() - before) / whole)
        .as("a wide one, and its left and its right")
        .isEqualTo(3);
  }

  private double multiplyAccumulates() throws Exception {
    return get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("popsight_operations_total{"))
        .filter(line -> line.contains("multiply_accumulate") && line.contains("popsight-nano"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void forcedKernels_areNamedInTheMetrics() throws Exception {
    assertThat(get("/actuator/prometheus").body())
        .containsPattern("popsight_model_info\\{[^}]*kernels=\"scalar\"[^}]*popsight-nano");
  }
}
