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

  /** Streams are ints: bounds what a file can make a backend allocate for all of them. */
  private static final long MAX_STREAM_VALUES = 1L << 25;

  private final SequencedMap<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, long[]> streamBounds = new HashMap<>();
  private long streamValues;
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
      case Node.Stream stream -> shapeOf(stream);
      case Node.Spikes spikes -> {
        Node input = node(spikes.input());
        require(
            input instanceof Node.Convolution || input instanceof Node.Stream,
            "'%s' is neither a convolution nor a stream",
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
      case Node.Upsample upsample -> {
        require(node(upsample.input()).binary(), "'%s' is not binary", upsample.input());
        Shape shape = shape(upsample.input());
        int factor = upsample.factor();
        require(factor >= 1 && factor <= 16, "factor %d", factor);
        yield new Shape(shape.channels(), shape.rows() * factor, shape.columns() * factor);
      }
      case Node.Concat concat -> shapeOf(concat);
    };
  }

  private Shape shapeOf(Node.Concat concat) {
    require(!concat.inputs().isEmpty() && concat.inputs().size() <= 16, "number of inputs");
    Shape first = shape(concat.inputs().getFirst());
    int channels = 0;
    for (String input : concat.inputs()) {
      require(node(input).binary(), "'%s' is not binary", input);
      Shape shape = shape(input);
      require(
          shape.rows() == first.rows() && shape.columns() == first.columns(),
          "%s beside %s",
          shape,
          first);
      channels += shape.channels();
    }
    return new Shape(channels, first.rows(), first.columns());
  }

  /** Every intermediate value must be exact in float32, however a runtime orders the products. */
  private Shape shapeOf(Node.Stream stream) {
    require(
        node(stream.input()) instanceof Node.Convolution convolution
            && node(convolution.input()).binary(),
        "'%s' is not a convolution of spikes",
        stream.input());
    Weights weights = ((Node.Convolution) node(stream.input())).weights();
    Shape shape = shape(stream.input());
    int channels = shape.channels();
    require(stream.factors().length == channels, "%d factors", stream.factors().length);
    require(stream.offsets().length == channels, "%d offsets", stream.offsets().length);
    long[] largest = new long[channels];
    stream.base().ifPresent(base -> addBase(base, shape, largest));
    for (int c = 0; c < channels; c++) {
      long factor = Math.abs((long) stream.factors()[c]);
      long products = factor * ((long) weights.positiveSum(c) - weights.negativeSum(c));
      largest[c] += products + Math.abs((long) stream.offsets()[c]);
      require(
          factor < EXACT && products < EXACT && largest[c] < EXACT,
          "channel %d can grow up to %d: not exact in float32",
          c,
          largest[c]);
    }
    streamBounds.put(stream.name(), largest);
    streamValues += shape.values();
    require(streamValues <= MAX_STREAM_VALUES, "streams hold over %d values", MAX_STREAM_VALUES);
    return shape;
  }

  private void addBase(String base, Shape shape, long[] largest) {
    require(node(base) instanceof Node.Stream, "'%s' is not a stream", base);
    require(shape(base).equals(shape), "%s on %s", shape, shape(base));
    long[] bound = streamBounds.getOrDefault(base, new long[0]);
    System.arraycopy(bound, 0, largest, 0, largest.length);
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
