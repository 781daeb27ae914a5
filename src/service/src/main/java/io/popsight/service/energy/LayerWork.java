package io.popsight.service.energy;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.Weights;
import io.popsight.service.model.SpikeRates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one convolution does for a photo.
 *
 * @param name of its node
 * @param stem whether it reads the photo instead of spikes
 * @param macs multiply-accumulates if every input counted
 * @param inputRate share of ones among its inputs; 1 for the stem
 * @param weights number of them
 * @param bits of a weight
 * @param inputs values read
 * @param outputs values made
 */
record LayerWork(
    String name,
    boolean stem,
    long macs,
    double inputRate,
    long weights,
    int bits,
    long inputs,
    long outputs) {

  /** Accumulates a photo: one for each spike that meets a weight. */
  double accumulates() {
    return macs * inputRate;
  }

  /**
   * The convolutions of a file, with the spike rates of its training photos.
   *
   * @throws IllegalArgumentException if the graph could not be read as one of known nodes
   */
  static List<LayerWork> of(ModelFile file) {
    if (!(file.network() instanceof ModelFile.Network.Typed(ModelGraph graph))) {
      throw new IllegalArgumentException("the graph holds nodes whose work is not known");
    }
    Map<String, Double> rates = new HashMap<>();
    for (SpikeLayer layer : file.metadata().spikeLayers()) {
      rates.put(layer.name(), layer.trainingRate());
    }
    SpikeRates all = new SpikeRates(graph, rates);
    List<LayerWork> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution) {
        layers.add(of(graph, convolution, all));
      }
    }
    return layers;
  }

  private static LayerWork of(ModelGraph graph, Node.Convolution convolution, SpikeRates rates) {
    Weights weights = convolution.weights();
    Shape out = graph.shape(convolution.name());
    long window = (long) weights.inChannels() * weights.kernel() * weights.kernel();
    boolean stem = !graph.node(convolution.input()).binary();
    return new LayerWork(
        convolution.name(),
        stem,
        out.values() * window,
        stem ? 1 : rates.of(convolution.input()),
        weights.outChannels() * window,
        weights.bits(),
        graph.shape(convolution.input()).values(),
        out.values());
  }
}
