package io.popsight.engine.plan;

import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.SpikeLayer;
import java.util.Map;
import java.util.stream.Collectors;

/** Shares of ones in the maps of a network, over the photos that it was trained on. */
final class SpikeRates {

  private final ModelGraph graph;
  private final Map<String, Double> told;

  SpikeRates(ModelGraph graph, ModelMetadata metadata) {
    this.graph = graph;
    this.told =
        metadata.spikeLayers().stream()
            .collect(Collectors.toMap(SpikeLayer::name, SpikeLayer::trainingRate));
  }

  /**
   * What the file says of a binary node, or of those that it is made of.
   *
   * @return 0 to 1; 1 for a layer that the file does not speak of
   */
  double of(String name) {
    Double rate = told.get(name);
    if (rate != null) {
      return rate;
    }
    return switch (graph.node(name)) {
      case Node.Upsample upsample -> of(upsample.input());
      case Node.OrPool pool -> Math.min(1, of(pool.input()) * pool.size() * pool.size());
      case Node.Concat concat ->
          concat.inputs().stream().mapToDouble(i -> of(i) * graph.shape(i).channels()).sum()
              / graph.shape(name).channels();
      default -> 1;
    };
  }
}
