package io.popsight.service.model;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.service.energy.Operations;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is known of a model's file besides its metadata.
 *
 * @param sha256 of the file, in hexadecimal digits
 * @param weightBits of the hidden convolutions, such as {@code 1} or {@code 1,4}; {@code unknown}
 *     where the graph is outside the subset
 * @param operations what a photo costs; empty where the graph is outside the subset
 * @param loadSeconds time that the backend took to make it ready
 */
public record ModelFacts(
    String sha256, String weightBits, Optional<Operations> operations, double loadSeconds) {

  /** The facts of a file. */
  public static ModelFacts of(ModelFile file, double loadSeconds) {
    Optional<ModelGraph> graph =
        file.network() instanceof ModelFile.Network.Typed(ModelGraph typed)
            ? Optional.of(typed)
            : Optional.empty();
    return new ModelFacts(
        file.sha256(),
        graph.map(ModelFacts::hiddenBits).orElse("unknown"),
        graph.map(typed -> new Operations(file, typed)),
        loadSeconds);
  }

  private static String hiddenBits(ModelGraph graph) {
    TreeSet<Integer> bits = new TreeSet<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution
          && graph.node(convolution.input()).binary()
          && !graph.heads().contains(convolution.name())) {
        bits.add(convolution.weights().bits());
      }
    }
    return bits.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
