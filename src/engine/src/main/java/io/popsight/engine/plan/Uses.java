package io.popsight.engine.plan;

import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import java.util.stream.Stream;

/** Who reads what a node makes. */
record Uses(ModelGraph graph) {

  /** The nodes that read it. */
  Stream<Node> readers(String name) {
    return graph.nodes().stream().filter(node -> reads(node, name));
  }

  private static boolean reads(Node node, String name) {
    return switch (node) {
      case Node.Pixels _ -> false;
      case Node.Convolution convolution -> convolution.input().equals(name);
      case Node.Stream stream ->
          stream.input().equals(name) || stream.base().filter(name::equals).isPresent();
      case Node.Membrane membrane ->
          membrane.input().equals(name)
              || membrane.previous().filter(name::equals).isPresent()
              || membrane.reset().filter(name::equals).isPresent();
      case Node.Spikes spikes -> spikes.input().equals(name);
      case Node.MaxPool pool -> pool.input().equals(name);
      case Node.OrPool pool -> pool.input().equals(name);
      case Node.Upsample upsample -> upsample.input().equals(name);
      case Node.Concat concat -> concat.inputs().contains(name);
    };
  }

  /** Widest padding among the convolutions that read it. */
  int border(String node) {
    return readers(node)
        .mapToInt(reader -> reader instanceof Node.Convolution c ? c.padding() : 0)
        .max()
        .orElse(0);
  }
}
