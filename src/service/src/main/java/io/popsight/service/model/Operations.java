package io.popsight.service.model;

import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Operations that a network spends on a photo, and what they would cost in energy.
 *
 * <p>A convolution of pixels multiplies and accumulates at every position. A convolution of spikes
 * only accumulates, and only where its input is one: multiply-accumulates times spike rate. That is
 * how papers on spiking networks count, with the energy of a 32-bit operation in 45 nm CMOS from M.
 * Horowitz, "Computing's energy problem", ISSCC 2014. It compares networks and inputs; it is not
 * what this machine draws, since its kernels look at 64 inputs at once.
 */
public final class Operations {

  /** Joules of a 32-bit float multiply-accumulate: 3.7 pJ and 0.9 pJ. */
  static final double MULTIPLY_ACCUMULATE_JOULES = 4.6e-12;

  /** Joules of a 32-bit float accumulate. */
  static final double ACCUMULATE_JOULES = 0.9e-12;

  private final long multiplyAccumulates;
  private final List<Accumulating> accumulating = new ArrayList<>();

  /** A convolution of spikes. */
  private record Accumulating(long macs, ToDoubleFunction<Map<String, Double>> inputRate) {}

  private Operations(long multiplyAccumulates) {
    this.multiplyAccumulates = multiplyAccumulates;
  }

  /** Of a network's graph. */
  static Operations of(ModelGraph graph) {
    long dense = 0;
    List<Node.Convolution> binary = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution) {
        if (graph.node(convolution.input()).binary()) {
          binary.add(convolution);
        } else {
          dense += macs(graph, convolution);
        }
      }
    }
    Operations operations = new Operations(dense);
    for (Node.Convolution convolution : binary) {
      operations.accumulating.add(
          new Accumulating(
              macs(graph, convolution), rates -> rate(graph, convolution.input(), rates)));
    }
    return operations;
  }

  /** Multiply-accumulates a photo. */
  public long multiplyAccumulates() {
    return multiplyAccumulates;
  }

  /** Accumulates for a photo with these spike rates, by layer. */
  public double accumulates(Map<String, Double> rates) {
    Map<String, Double> known = new HashMap<>(rates);
    return accumulating.stream()
        .mapToDouble(c -> c.macs() * c.inputRate().applyAsDouble(known))
        .sum();
  }

  /** Joules by the model above. */
  public static double joules(double multiplyAccumulates, double accumulates) {
    return multiplyAccumulates * MULTIPLY_ACCUMULATE_JOULES + accumulates * ACCUMULATE_JOULES;
  }

  private static long macs(ModelGraph graph, Node.Convolution convolution) {
    Shape out = graph.shape(convolution.name());
    int kernel = convolution.weights().kernel();
    return (long) out.values() * convolution.weights().inChannels() * kernel * kernel;
  }

  /** The share of ones of a binary node; where nobody counted, from its inputs. */
  private static double rate(ModelGraph graph, String name, Map<String, Double> rates) {
    Double counted = rates.get(name);
    if (counted != null) {
      return counted;
    }
    double derived =
        switch (graph.node(name)) {
          // A counted layer may be the pool behind these spikes.
          case Node.Spikes _, Node.Pixels _, Node.Convolution _, Node.Stream _, Node.Membrane _ ->
              unpooled(graph, name, rates);
          // Independent spikes: a window is silent when every one of its pixels is.
          case Node.OrPool pool ->
              1 - Math.pow(1 - rate(graph, pool.input(), rates), pool.size() * pool.size());
          case Node.Upsample upsample -> rate(graph, upsample.input(), rates);
          case Node.Concat concat -> {
            double ones = 0;
            int channels = 0;
            for (String input : concat.inputs()) {
              int width = graph.shape(input).channels();
              ones += width * rate(graph, input, rates);
              channels += width;
            }
            yield ones / channels;
          }
        };
    rates.put(name, derived);
    return derived;
  }

  private static double unpooled(ModelGraph graph, String name, Map<String, Double> rates) {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.OrPool pool && pool.input().equals(name)) {
        Double pooled = rates.get(pool.name());
        if (pooled != null) {
          return 1 - Math.pow(1 - pooled, 1.0 / (pool.size() * pool.size()));
        }
      }
    }
    // Nothing was counted: as dense as a network without spikes.
    return 1;
  }
}
