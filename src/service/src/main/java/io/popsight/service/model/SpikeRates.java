package io.popsight.service.model;

import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import java.util.HashMap;
import java.util.Map;

/** The share of ones of a network's binary nodes: counted, or else derived from what was. */
public final class SpikeRates {

  private final ModelGraph graph;
  private final Map<String, Double> known;

  /**
   * Of a photo, or the mean of many.
   *
   * @param counted share of ones, 0 to 1, by layer
   */
  public SpikeRates(ModelGraph graph, Map<String, Double> counted) {
    this.graph = graph;
    this.known = new HashMap<>(counted);
  }

  /** The share of ones of a node; 1 where nothing was counted, as in a network without spikes. */
  public double of(String name) {
    Double before = known.get(name);
    if (before != null) {
      return before;
    }
    double derived = derived(name);
    known.put(name, derived);
    return derived;
  }

  private double derived(String name) {
    return switch (graph.node(name)) {
      // A counted layer may be the pool behind these spikes.
      case Node.Spikes _,
          Node.Pixels _,
          Node.Convolution _,
          Node.MaxPool _,
          Node.Stream _,
          Node.Membrane _ ->
          unpooled(name);
      // Independent spikes: a window is silent when every one of its pixels is.
      case Node.OrPool pool -> 1 - Math.pow(1 - of(pool.input()), pool.size() * pool.size());
      case Node.Upsample upsample -> of(upsample.input());
      case Node.Concat concat -> {
        double ones = 0;
        for (String input : concat.inputs()) {
          ones += of(input) * graph.shape(input).channels();
        }
        yield ones / graph.shape(name).channels();
      }
    };
  }

  private double unpooled(String name) {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.OrPool pool && pool.input().equals(name)) {
        Double pooled = known.get(pool.name());
        if (pooled != null) {
          return 1 - Math.pow(1 - pooled, 1.0 / (pool.size() * pool.size()));
        }
      }
    }
    return 1;
  }
}
