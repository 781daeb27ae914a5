package io.popsight.model;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares of ones in a network's maps of spikes: of its counted layers as they are told, of any
 * other derived from those.
 *
 * <p>A pool over n pixels is silent when each of them is, so of pixels that fire by themselves, a
 * share r, it fires 1-(1-r)^n. A share alone does not tell how pixels fire together: the truth lies
 * between r (all of a window or none) and min(1, n*r) (never two of one). Independence lies between
 * these, assumes nothing about the photo, and leads back from a counted pool to the spikes before
 * it. Neighbours tend to fire together, so it is rather too high than too low.
 */
public final class SpikeRates {

  private final ModelGraph graph;

  /** Positions of the counted layers. */
  private final Map<String, Integer> counted = new HashMap<>();

  /** Counted pools by the name of what they read. */
  private final Map<String, Node.OrPool> pools = new HashMap<>();

  /** Of a network. */
  public SpikeRates(ModelGraph graph) {
    this.graph = graph;
    for (String layer : graph.spikeLayers()) {
      counted.put(layer, counted.size());
      if (graph.node(layer) instanceof Node.OrPool pool) {
        pools.put(pool.input(), pool);
      }
    }
  }

  /** Shares of the counted layers over the photos of the training, in the graph's order. */
  public static double[] ofTraining(ModelMetadata metadata) {
    return metadata.spikeLayers().stream().mapToDouble(SpikeLayer::trainingRate).toArray();
  }

  /**
   * The share of ones of a node.
   *
   * @param told shares of the counted layers, in the graph's order
   * @return 0 to 1; 1 where nothing was counted that it could be derived from, as in a map that is
   *     not of spikes
   */
  public double of(String name, double[] told) {
    Integer position = counted.get(name);
    if (position != null) {
      return told[position];
    }
    return switch (graph.node(name)) {
      case Node.Pixels _, Node.Convolution _, Node.MaxPool _, Node.Stream _, Node.Membrane _ -> 1;
      case Node.Spikes _ -> beforePool(name, told);
      case Node.OrPool pool -> pooled(of(pool.input(), told), pool.size());
      case Node.Upsample upsample -> of(upsample.input(), told);
      case Node.Concat concat -> {
        double ones = 0;
        for (String input : concat.inputs()) {
          ones += of(input, told) * graph.shape(input).channels();
        }
        yield ones / graph.shape(name).channels();
      }
    };
  }

  /**
   * The share of ones behind a pool.
   *
   * @param rate before it
   * @param size side of its window
   */
  static double pooled(double rate, int size) {
    return 1 - Math.pow(1 - rate, (double) size * size);
  }

  private double beforePool(String spikes, double[] told) {
    Node.OrPool pool = pools.get(spikes);
    if (pool == null) {
      return 1;
    }
    double pooled = of(pool.name(), told);
    return 1 - Math.pow(1 - pooled, 1.0 / (pool.size() * pool.size()));
  }
}
