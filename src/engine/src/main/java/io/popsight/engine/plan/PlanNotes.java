package io.popsight.engine.plan;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.List;

/** What people are told of a step. */
record PlanNotes(ModelGraph graph) {

  /**
   * A convolution in words.
   *
   * @param how it is made, see {@link SpikeKernel#how}
   * @param then what becomes of its sums
   */
  static String work(Node.Convolution convolution, String how, String then) {
    Weights weights = convolution.weights();
    return "%d-bit %dx%d of %d to %d channels%s%s%s, %s"
        .formatted(
            weights.bits(),
            weights.kernel(),
            weights.kernel(),
            weights.inChannels() * convolution.groups(),
            weights.outChannels(),
            convolution.groups() == 1 ? "" : " in %d groups".formatted(convolution.groups()),
            convolution.stride() == 1 ? "" : ", stride " + convolution.stride(),
            how,
            then);
  }

  /** Memory of what a node makes for one photo, without the border. */
  long bytes(String node) {
    Shape shape = graph.shape(node);
    long pixels = (long) shape.rows() * shape.columns();
    return graph.node(node).binary()
        ? pixels * BitMap.wordsFor(shape.channels()) * Integer.BYTES
        : pixels * shape.channels() * Integer.BYTES;
  }

  /** The same of several. */
  long bytes(List<Node.Spikes> spikes) {
    return spikes.stream().map(Node.Spikes::name).mapToLong(this::bytes).sum();
  }

  /** Those of the nodes whose spikes are counted. */
  List<String> fired(List<String> nodes) {
    return nodes.stream().filter(graph.spikeLayers()::contains).toList();
  }

  /** The same of nodes that fire. */
  List<String> firedBy(List<Node.Spikes> spikes) {
    return fired(spikes.stream().map(Node.Spikes::name).toList());
  }
}
