package io.popsight.trainer.report;

import io.popsight.trainer.evaluate.Curves;
import io.popsight.trainer.evaluate.DetectedPhoto;
import io.popsight.trainer.network.FiringMargins;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * A run's plots.
 *
 * @param epochs lines of the run's log, an epoch each
 * @param margins how near to firing units are, a layer
 */
record RunPlots(List<JsonNode> epochs, List<FiringMargins.Layer> margins) {

  /** PNG by file name without ending; those without anything to show are left out. */
  SequencedMap<String, byte[]> all(List<DetectedPhoto> photos, List<String> labels) {
    SequencedMap<String, byte[]> plots = new LinkedHashMap<>();
    Curves loss = new Curves("Loss", "epoch", "mean of an epoch");
    List.of("loss", "loss_scores", "loss_boxes").forEach(key -> line(loss, key));
    put(plots, "loss", loss);
    put(plots, "map50", line(new Curves("mAP50 on validation photos", "epoch", "mAP50"), "map50"));
    put(
        plots,
        "learning-rate",
        line(new Curves("Learning rate", "epoch", "at the epoch's end"), "learning_rate"));
    put(plots, "spike-rates", layers("Spike rate of each layer", "spike_rate"));
    put(plots, "thresholds", layers("Threshold of each layer", "threshold"));
    put(plots, "hoyer", layers("Hoyer value of each layer, a unit", "hoyer"));
    put(plots, "margins", aroundThresholds());
    put(plots, "flips", flips());
    plots.put("precision-recall", Curves.precisionRecall(photos, labels));
    return plots;
  }

  private Curves aroundThresholds() {
    Curves curves =
        new Curves("Potentials around their threshold", "z - E; units fire from 0 on", "of units");
    margins.forEach(
        layer -> curves.line(layer.name(), FiringMargins.middles(), array(layer.histogram())));
    return curves;
  }

  private Curves flips() {
    Curves curves =
        new Curves("Spikes changed by noise on z", "deviation of the noise", "of units");
    margins.forEach(
        layer -> curves.line(layer.name(), array(FiringMargins.NOISE), array(layer.flips())));
    return curves;
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(value -> value).toArray();
  }

  private static void put(SequencedMap<String, byte[]> plots, String name, Curves curves) {
    if (!curves.isEmpty()) {
      plots.put(name, curves.png());
    }
  }

  private Curves line(Curves curves, String key) {
    List<JsonNode> having = epochs.stream().filter(e -> e.has(key)).toList();
    return curves.line(
        key.replace("loss_", ""),
        having.stream().mapToDouble(e -> e.get("epoch").asDouble()).toArray(),
        having.stream().mapToDouble(e -> e.get(key).asDouble()).toArray());
  }

  private Curves layers(String title, String key) {
    Curves curves = new Curves(title, "epoch", "mean of an epoch");
    List<JsonNode> having = epochs.stream().filter(e -> e.path("layers").size() > 0).toList();
    if (having.isEmpty()) {
      return curves;
    }
    double[] numbers = having.stream().mapToDouble(e -> e.get("epoch").asDouble()).toArray();
    List<String> names =
        StreamSupport.stream(having.getLast().get("layers").spliterator(), false)
            .map(layer -> layer.get("layer").asString())
            .toList();
    for (int l = 0; l < names.size(); l++) {
      int index = l;
      curves.line(
          names.get(l),
          numbers,
          having.stream()
              .mapToDouble(e -> e.get("layers").path(index).path(key).asDouble(0))
              .toArray());
    }
    return curves;
  }
}
