package io.popsight.trainer.run;

import io.popsight.trainer.evaluate.BestScore;
import io.popsight.trainer.network.FiringMargins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The run's history: one JSON object a line, an epoch each. */
record RunLog(Path file) {

  private static final JsonMapper JSON = new JsonMapper();

  /** Forgets the history of a run that was here before. */
  void startAnew() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Cuts off a line whose end a full disk or a lost machine kept from being written. */
  void goOn() throws IOException {
    if (Files.exists(file)) {
      byte[] lines = Files.readAllBytes(file);
      int end = lines.length;
      while (end > 0 && lines[end - 1] != '\n') {
        end--;
      }
      Files.write(file, Arrays.copyOf(lines, end));
    }
  }

  /**
   * An epoch.
   *
   * @param thresholds mean potential from which a layer fires, by name
   * @param map50 of the evaluation after this epoch, where there was one
   */
  void epoch(
      int number,
      EpochMeans means,
      Map<String, Double> thresholds,
      double learningRate,
      OptionalDouble map50)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", number);
    line.put("loss", means.loss());
    line.put("loss_scores", means.scores());
    line.put("loss_boxes", means.boxes());
    line.put("hoyer", means.hoyer());
    line.put("spike_rate", means.spikeRate());
    line.put("learning_rate", learningRate);
    line.put("seconds", means.seconds());
    line.put("waited_s", means.waitedSeconds());
    map50.ifPresent(value -> line.put("map50", value));
    List<Map<String, Object>> layers = new ArrayList<>();
    for (EpochMeans.Layer layer : means.layers()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("layer", layer.name());
      one.put("spike_rate", layer.spikeRate());
      one.put("threshold", thresholds.getOrDefault(layer.name(), 0.0));
      one.put("hoyer", layer.hoyer());
      layers.add(one);
    }
    line.put("layers", layers);
    write(line);
  }

  /** Calibration errors of the scores before and after, and the threshold. */
  void scores(double errorBefore, double errorAfter, BestScore best, float minScore)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("calibration_error_before", errorBefore);
    line.put("calibration_error", errorAfter);
    line.put("best_score", best.minScore());
    line.put("best_f1", best.f1());
    line.put("min_score", minScore);
    write(line);
  }

  /** Forgets what an end of the run wrote before, which a resumed run comes to once more. */
  void endAnew() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.removeIf(line -> !JSON.readTree(line).has("epoch"));
    Files.write(file, lines);
  }

  /** Which state of the weights is exported, and how each did on training photos. */
  void selection(ModelSelection.Choice choice) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("exported", choice.state());
    line.put("map50_on_training_photos", choice.map50());
    write(line);
  }

  /** How near to firing units are, a layer. */
  void margins(List<FiringMargins.Layer> layers) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("noise", FiringMargins.NOISE);
    line.put("histogram_reach", FiringMargins.REACH);
    line.put("margins", layers);
    write(line);
  }

  /** The lines of epochs, the last one of each number: a resumed run may have repeated some. */
  List<JsonNode> epochs() throws IOException {
    SequencedMap<Integer, JsonNode> epochs = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = JSON.readTree(line);
      if (node.has("epoch")) {
        epochs.put(node.get("epoch").asInt(), node);
      }
    }
    return List.copyOf(epochs.values());
  }

  private void write(Map<String, Object> line) throws IOException {
    Files.writeString(
        file,
        JSON.writeValueAsString(line) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
