package io.popsight.trainer.evaluate;

import io.popsight.imaging.Disturbance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** An evaluation as {@code eval --json} prints it; a figure of what is not there is null. */
record EvaluationJson(
    ExportedEvaluation evaluation,
    ConfusionMatrix confusion,
    SequencedMap<Disturbance, ExportedEvaluation> disturbed) {

  String text() {
    EvaluationResult result = evaluation.result();
    CocoResult coco = result.coco();
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("images", result.images());
    evaluation.accuracy().ifPresent(accuracy -> document.put("accuracy", accuracy));
    document.put("map50", result.map50());
    document.put("map50_11pt", result.map5011pt());
    document.put("map", result.map());
    document.put("map_coco", known(coco.map()));
    document.put("map50_coco", known(coco.map50()));
    document.put("map75", known(coco.map75()));
    document.put("map_small", known(coco.small()));
    document.put("map_medium", known(coco.medium()));
    document.put("map_large", known(coco.large()));
    document.put("mar_1", known(coco.recall1()));
    document.put("mar_10", known(coco.recall10()));
    document.put("mar_100", known(coco.recall100()));
    document.put("per_class", classes(result));
    document.put(
        "confusion",
        Map.of(
            "labels", confusion.labels(),
            "min_score", confusion.minScore(),
            "counts", confusion.counts()));
    document.put("spike_rates", rates());
    document.put("disturbed", underDisturbances());
    Speed speed = evaluation.speed();
    Map<String, Double> times = new LinkedHashMap<>();
    times.put("decode", speed.decodeMs());
    times.put("infer", speed.inferMs());
    times.put("postprocess", speed.postprocessMs());
    document.put("median_ms", times);
    return new JsonMapper().writeValueAsString(document);
  }

  private static List<Map<String, @Nullable Object>> classes(EvaluationResult result) {
    List<Map<String, @Nullable Object>> classes = new ArrayList<>();
    for (EvaluationResult.ClassResult c : result.perClass()) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("label", c.label());
      entry.put("ap50", known(c.ap50()));
      entry.put("ap50_11pt", known(c.ap5011pt()));
      entry.put("ap", known(c.ap()));
      entry.put("ap_coco", known(c.coco()));
      entry.put("ground_truths", c.groundTruths());
      classes.add(entry);
    }
    return classes;
  }

  private List<Map<String, Object>> rates() {
    List<Map<String, Object>> rates = new ArrayList<>();
    evaluation
        .spikeRates()
        .forEach((layer, rate) -> rates.add(Map.of("layer", layer, "rate", rate)));
    return rates;
  }

  private List<Map<String, Object>> underDisturbances() {
    List<Map<String, Object>> lines = new ArrayList<>();
    disturbed.forEach(
        (disturbance, spoilt) -> {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("disturbance", DisturbanceName.of(disturbance));
          spoilt.accuracy().ifPresent(accuracy -> line.put("accuracy", accuracy));
          line.put("map50", spoilt.result().map50());
          line.put("map", spoilt.result().map());
          lines.add(line);
        });
    return lines;
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
