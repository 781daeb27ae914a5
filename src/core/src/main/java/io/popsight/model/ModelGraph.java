package io.popsight.model;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A detector's network as typed nodes in the order of execution; every size is checked when it is
 * made.
 */
public final class ModelGraph {

  /** float32 counts integers exactly up to here, so ONNX Runtime's sums must stay below. */
  static final int EXACT = 1 << 24;

  private final SequencedMap<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final List<String> heads;
  private final List<String> spikeLayers;

  /**
   * Checks and keeps a graph.
   *
   * @param nodes each after those that it reads
   * @param heads names of the convolutions whose sums are the heads, finest stride first
   * @param spikeLayers names of the binary nodes whose ones are counted
   * @throws ModelRefusedException naming the node and the reason
   */
  public ModelGraph(List<Node> nodes, List<String> heads, List<String> spikeLayers) {
    for (Node node : nodes) {
      try {
        shapes.put(node.name(), shapeOf(node));
      } catch (ModelRefusedException e) {
        throw new ModelRefusedException("node '%s': %s".formatted(node.name(), e.getMessage()), e);
      }
      if (this.nodes.put(node.name(), node) != null) {
        throw new ModelRefusedException("node '%s': the name is used twice".formatted(node.name()));
      }
    }
    for (String head : heads) {
      require(node(head) instanceof Node.Convolution, "head '%s' is not a convolution", head);
    }
    for (String layer : spikeLayers) {
      require(node(layer).binary(), "spike layer '%s' is not binary", layer);
    }
    this.heads = List.copyOf(heads);
    this.spikeLayers = List.copyOf(spikeLayers);
  }

  /** In the order of execution. */
  public List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Names of the head convolutions, in the metadata's order. */
  public List<String> heads() {
    return heads;
  }

  /** Names of the counted binary nodes, in the metadata's order. */
  public List<String> spikeLayers() {
    return spikeLayers;
  }

  /**
   * The node of a name.
   *
   * @throws ModelRefusedException if there is no such node
   */
  public Node node(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new ModelRefusedException("there is no node '%s' before its use".formatted(name));
    }
    return node;
  }

  /** What a node makes for one photo. */
  public Shape shape(String name) {
    node(name);
    return shapes.getOrDefault(name, new Shape(1, 1, 1));
  }

  private Shape shapeOf(Node node) {
    return switch (node) {
      case Node.Pixels pixels -> {
        require(pixels.shape().channels() == 3, "photos have 3 channels");
        require(pixels.offset() == 0 || pixels.offset() == 128, "offset must be 0 or 128");
        yield pixels.shape();
      }
      case Node.Convolution convolution -> shapeOf(convolution);
      case Node.Spikes spikes -> {
        require(
            node(spikes.input()) instanceof Node.Convolution,
            "'%s' is not a convolution",
            spikes.input());
        Shape shape = shape(spikes.input());
        require(
            spikes.thresholds().length == shape.channels(),
            "%d thresholds for %d channels",
            spikes.thresholds().length,
            shape.channels());
        for (int threshold : spikes.thresholds()) {
          require(threshold > -EXACT && threshold < EXACT, "threshold %d is not exact", threshold);
        }
        yield shape;
      }
      case Node.OrPool pool -> {
        require(node(pool.input()).binary(), "'%s' is not binary", pool.input());
        Shape shape = shape(pool.input());
        require(
            pool.size() >= 1 && pool.size() <= 16 && pool.stride() >= 1 && pool.stride() <= 16,
            "window %d, stride %d",
            pool.size(),
            pool.stride());
        yield new Shape(
            shape.channels(),
            windows(shape.rows(), pool.size(), pool.stride()),
            windows(shape.columns(), pool.size(), pool.stride()));
      }
    };
  }

  private Shape shapeOf(Node.Convolution convolution) {
    Weights weights = convolution.weights();
    Node input = node(convolution.input());
    Shape shape = shape(convolution.input());
    require(
        input.binary() || input instanceof Node.Pixels,
        "'%s' is neither binary nor the photo",
        convolution.input());
    require(
        weights.inChannels() == shape.channels(),
        "weights for %d channels on %d",
        weights.inChannels(),
        shape.channels());
    require(
        convolution.stride() == 1 || convolution.stride() == 2,
        "stride %d; 1 or 2",
        convolution.stride());
    require(
        convolution.padding() >= 0 && convolution.padding() < weights.kernel(),
        "padding %d for a kernel of %d",
        convolution.padding(),
        weights.kernel());
    long largestInput = input instanceof Node.Pixels ? 255 : 1;
    for (int out = 0; out < weights.outChannels(); out++) {
      long bound = largestInput * ((long) weights.positiveSum(out) - weights.negativeSum(out));
      require(bound < EXACT, "channel %d can sum up to %d: not exact in float32", out, bound);
    }
    int padding = 2 * convolution.padding();
    return new Shape(
        weights.outChannels(),
        windows(shape.rows() + padding, weights.kernel(), convolution.stride()),
        windows(shape.columns() + padding, weights.kernel(), convolution.stride()));
  }

  private static int windows(int length, int size, int stride) {
    return length < size ? 0 : (length - size) / stride + 1;
  }

  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new ModelRefusedException(message.formatted(values));
    }
  }
}
