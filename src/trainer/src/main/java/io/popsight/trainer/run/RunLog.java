package io.popsight.trainer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  void epoch(int number, EpochMeans means, long nanos, long waitedNanos, OptionalDouble map50)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", number);
    line.put("loss", means.loss());
    line.put("loss_scores", means.scores());
    line.put("loss_boxes", means.boxes());
    line.put("hoyer", means.hoyer());
    line.put("spike_rate", means.spikeRate());
    line.put("seconds", nanos / 1e9);
    line.put("waited_s", waitedNanos / 1e9);
    map50.ifPresent(value -> line.put("map50", value));
    write(line);
  }

  /** Which state of the weights is exported, and how each did on training photos. */
  void selection(ModelSelection.Choice choice) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("exported", choice.state());
    line.put("map50_on_training_photos", choice.map50());
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
