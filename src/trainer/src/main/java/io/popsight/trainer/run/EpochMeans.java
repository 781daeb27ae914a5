package io.popsight.trainer.run;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;

/** Means over the steps of an epoch so far, and their time. */
@JsonAutoDetect(
    fieldVisibility = JsonAutoDetect.Visibility.ANY,
    getterVisibility = JsonAutoDetect.Visibility.NONE)
final class EpochMeans {

  private static final JsonMapper JSON = new JsonMapper();

  private int steps;
  private double loss;
  private double scores;
  private double boxes;
  private double hoyer;
  private long nanos;
  private long waitedNanos;
  private SequencedMap<String, double[]> layers = new LinkedHashMap<>();

  /** Of a run that was interrupted within an epoch. */
  static EpochMeans fromJson(String json) {
    return JSON.readValue(json, EpochMeans.class);
  }

  String toJson() {
    return JSON.writeValueAsString(this);
  }

  /** Parts of a step's loss. */
  void add(double loss, double scores, double boxes, double hoyer) {
    steps++;
    this.loss += loss;
    this.scores += scores;
    this.boxes += boxes;
    this.hoyer += hoyer;
  }

  /** A layer in the same step. */
  void addLayer(String name, double spikeRate, double hoyer) {
    double[] sums = layers.computeIfAbsent(name, _ -> new double[2]);
    sums[0] += spikeRate;
    sums[1] += hoyer;
  }

  /**
   * Time of the steps.
   *
   * @param waitedNanos of it, in which training stood still for want of photos
   */
  void addTime(long nanos, long waitedNanos) {
    this.nanos += nanos;
    this.waitedNanos += waitedNanos;
  }

  double seconds() {
    return nanos / 1e9;
  }

  double waitedSeconds() {
    return waitedNanos / 1e9;
  }

  double loss() {
    return loss / steps;
  }

  double scores() {
    return scores / steps;
  }

  double boxes() {
    return boxes / steps;
  }

  double hoyer() {
    return hoyer / steps;
  }

  /** Mean over the layers. */
  double spikeRate() {
    return layers.values().stream().mapToDouble(sums -> sums[0] / steps).average().orElse(0);
  }

  /**
   * One layer's means.
   *
   * @param spikeRate share of ones
   * @param hoyer Hoyer value a unit
   */
  record Layer(String name, double spikeRate, double hoyer) {}

  /** In the order of execution. */
  List<Layer> layers() {
    return layers.entrySet().stream()
        .map(e -> new Layer(e.getKey(), e.getValue()[0] / steps, e.getValue()[1] / steps))
        .toList();
  }
}
