package io.popsight.service.model;

import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeRates;
import java.util.ArrayList;
import java.util.List;

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

  private final SpikeRates rates;
  private final long multiplyAccumulates;
  private final List<Accumulating> accumulating;

  /** A convolution of spikes. */
  private record Accumulating(String input, long macs) {}

  private Operations(SpikeRates rates, long multiplyAccumulates, List<Accumulating> accumulating) {
    this.rates = rates;
    this.multiplyAccumulates = multiplyAccumulates;
    this.accumulating = accumulating;
  }

  /** Of a network's graph. */
  static Operations of(ModelGraph graph) {
    long dense = 0;
    List<Accumulating> accumulating = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution) {
        if (graph.node(convolution.input()).binary()) {
          accumulating.add(new Accumulating(convolution.input(), macs(graph, convolution)));
        } else {
          dense += macs(graph, convolution);
        }
      }
    }
    return new Operations(new SpikeRates(graph), dense, accumulating);
  }

  /** Multiply-accumulates a photo. */
  public long multiplyAccumulates() {
    return multiplyAccumulates;
  }

  /**
   * Accumulates for a photo.
   *
   * @param told its spike rates, of the counted layers in their order
   */
  public double accumulates(double[] told) {
    double sum = 0;
    for (Accumulating convolution : accumulating) {
      sum += convolution.macs() * rates.of(convolution.input(), told);
    }
    return sum;
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
}
