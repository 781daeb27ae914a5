package io.popsight.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Figures of pycocotools and of py-faster-rcnn's voc_eval for the same detections; {@code
 * average-precision/reference.py} made the file and names their commits.
 */
class ReferenceFiguresTest {

  private static final double NEAR = 1e-4;

  private static List<DetectedPhoto> photos = List.of();
  private static List<String> labels = List.of();
  private static JsonNode reference = new JsonMapper().createObjectNode();

  @BeforeAll
  static void read() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            ReferenceFiguresTest.class.getResourceAsStream("/average-precision/reference.json"))) {
      JsonNode root = new JsonMapper().readTree(file);
      labels =
          StreamSupport.stream(root.get("labels").spliterator(), false)
              .map(JsonNode::asString)
              .toList();
      reference = root.get("reference");
      photos =
          StreamSupport.stream(root.get("photos").spliterator(), false)
              .map(ReferenceFiguresTest::photo)
              .toList();
    }
  }

  @Test
  void coco_allTwelveKindsAgree() {
    CocoResult ours = new CocoPrecision(photos, labels.size()).measure();

    JsonNode theirs = reference.get("coco");
    assertThat(ours.map()).isCloseTo(theirs.get("map").asDouble(), within(NEAR));
    assertThat(ours.map50()).isCloseTo(theirs.get("map50").asDouble(), within(NEAR));
    assertThat(ours.map75()).isCloseTo(theirs.get("map75").asDouble(), within(NEAR));
    assertThat(ours.small()).isCloseTo(theirs.get("map_small").asDouble(), within(NEAR));
    assertThat(ours.medium()).isCloseTo(theirs.get("map_medium").asDouble(), within(NEAR));
    assertThat(ours.large()).isCloseTo(theirs.get("map_large").asDouble(), within(NEAR));
    assertThat(ours.recall1()).isCloseTo(theirs.get("mar_1").asDouble(), within(NEAR));
    assertThat(ours.recall10()).isCloseTo(theirs.get("mar_10").asDouble(), within(NEAR));
    assertThat(ours.recall100()).isCloseTo(theirs.get("mar_100").asDouble(), within(NEAR));
    for (int c = 0; c < labels.size(); c++) {
      JsonNode expected = theirs.get("per_class").get(c);
      if (expected.isNull()) {
        assertThat(ours.perClass().get(c)).isNaN();
      } else {
        assertThat(ours.perClass().get(c)).isCloseTo(expected.asDouble(), within(NEAR));
      }
    }
  }

  @Test
  void voc_bothKindsAgree_difficultObjectsIncluded() {
    assertThat(photos).anyMatch(p -> p.objects().stream().anyMatch(GroundTruth::difficult));
    AveragePrecision ours = new AveragePrecision(photos, labels);

    JsonNode theirs = reference.get("voc");
    for (int c = 0; c < theirs.get("ap50").size(); c++) {
      assertThat(ours.curve(c, 0.5).allPoint())
          .isCloseTo(theirs.get("ap50").get(c).asDouble(), within(NEAR));
      assertThat(ours.curve(c, 0.5).elevenPoint())
          .isCloseTo(theirs.get("ap50_11pt").get(c).asDouble(), within(NEAR));
      assertThat(ours.curve(c, 0.75).allPoint())
          .isCloseTo(theirs.get("ap75").get(c).asDouble(), within(NEAR));
    }
  }

  @Test
  void confusion_countsEveryObjectOnce() {
    ConfusionMatrix matrix = ConfusionMatrix.of(photos, labels, 0.3);

    EvaluationResult result = new AveragePrecision(photos, labels).measure();
    for (int c = 0; c < labels.size(); c++) {
      int difficultOrNot = 0;
      for (int count : matrix.counts()[c]) {
        difficultOrNot += count;
      }
      assertThat(difficultOrNot).isEqualTo(result.perClass().get(c).groundTruths());
    }
    assertThat(matrix.counts()[labels.size()][1]).isPositive();
  }

  private static DetectedPhoto photo(JsonNode node) {
    List<GroundTruth> objects = new ArrayList<>();
    for (JsonNode o : node.get("objects")) {
      objects.add(new GroundTruth(o.get(0).asInt(), box(o, 1), o.get(5).asInt() == 1));
    }
    List<Detection> detections = new ArrayList<>();
    for (JsonNode d : node.get("detections")) {
      detections.add(new Detection(d.get(0).asInt(), (float) d.get(1).asDouble(), box(d, 2)));
    }
    return new DetectedPhoto(new LabeledPhoto(Path.of("drawn.jpg"), objects), detections);
  }

  private static BoundingBox box(JsonNode row, int from) {
    return new BoundingBox(
        row.get(from).asInt(),
        row.get(from + 1).asInt(),
        row.get(from + 2).asInt(),
        row.get(from + 3).asInt());
  }
}
