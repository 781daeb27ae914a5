package io.popsight.service.energy;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.Weights;
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
    List<LayerWork> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution) {
        layers.add(of(graph, convolution, rates));
      }
    }
    return layers;
  }

  private static LayerWork of(
      ModelGraph graph, Node.Convolution convolution, Map<String, Double> rates) {
    Weights weights = convolution.weights();
    Shape out = graph.shape(convolution.name());
    long window = (long) weights.inChannels() * weights.kernel() * weights.kernel();
    boolean stem = !graph.node(convolution.input()).binary();
    return new LayerWork(
        convolution.name(),
        stem,
        out.values() * window,
        stem ? 1 : rate(graph, convolution.input(), rates),
        weights.outChannels() * window,
        weights.bits(),
        graph.shape(convolution.input()).values(),
        out.values());
  }

  /** A pooled map's rate is worked out as if neighbours fired independently. */
  private static double rate(ModelGraph graph, String name, Map<String, Double> rates) {
    Double known = rates.get(name);
    if (known != null) {
      return known;
    }
    return switch (graph.node(name)) {
      case Node.OrPool pool ->
          1 - Math.pow(1 - rate(graph, pool.input(), rates), pool.size() * pool.size());
      case Node.Upsample upsample -> rate(graph, upsample.input(), rates);
      case Node.Concat concat -> {
        double ones = 0;
        for (String input : concat.inputs()) {
          ones += rate(graph, input, rates) * graph.shape(input).values();
        }
        yield ones / graph.shape(name).values();
      }
      case Node.Pixels _, Node.Convolution _, Node.Stream _, Node.Membrane _, Node.Spikes _ -> 1;
    };
  }
}
