package io.popsight.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A detector's network as typed nodes in the order of execution; every size is checked when it is
 * made.
 */
public final class ModelGraph {

  /** float32 counts integers exactly up to here, so ONNX Runtime's sums must stay below. */
  public static final int EXACT = 1 << 24;

  /** Streams are ints: bounds what a file can make a backend allocate for all of them. */
  private static final long MAX_STREAM_VALUES = 1L << 25;

  /** The same for maps of spikes, in words of 32 channels and a count a pixel. */
  private static final long MAX_SPIKE_WORDS = 1L << 26;

  /**
   * Bounds what a file can make a backend allocate for groups that it spreads over all channels.
   */
  private static final long MAX_SPREAD_WEIGHTS = 1L << 25;

  /** Membranes stay below; they are ints in the engine, and doubles in ONNX Runtime. */
  public static final long LARGEST_MEMBRANE = 1L << 30;

  /** Bits of a membrane behind the point, at most. */
  public static final int MOST_SHIFT = 8;

  /** Maps of spikes that are made of each other: who follows them back does so on the stack. */
  private static final int MOST_IN_A_ROW = 100;

  private final SequencedMap<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, Integer> inARow = new HashMap<>();
  private final Map<String, long[]> streamBounds = new HashMap<>();
  private final Map<String, long[]> membraneBounds = new HashMap<>();
  private final Set<String> carriedOn = new HashSet<>();
  private long streamValues;
  private long spikeWords;
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
        Shape shape = shapeOf(node);
        shapes.put(node.name(), shape);
        if (node.binary()) {
          keepSpikes(shape);
          keepRow(node);
        }
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

  private void keepRow(Node node) {
    List<String> madeOf =
        switch (node) {
          case Node.OrPool pool -> List.of(pool.input());
          case Node.Upsample upsample -> List.of(upsample.input());
          case Node.Concat concat -> concat.inputs();
          default -> List.of();
        };
    int row = 1 + madeOf.stream().mapToInt(input -> inARow.getOrDefault(input, 0)).max().orElse(0);
    require(row <= MOST_IN_A_ROW, "over %d maps of spikes are made of each other", MOST_IN_A_ROW);
    inARow.put(node.name(), row);
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
      case Node.Membrane membrane -> shapeOf(membrane);
      case Node.Spikes spikes -> {
        Node input = node(spikes.input());
        require(
            input instanceof Node.Convolution
                || input instanceof Node.Stream
                || input instanceof Node.Membrane,
            "'%s' is neither a convolution nor a stream nor a membrane",
            spikes.input());
        Shape shape = shape(spikes.input());
        require(
            spikes.thresholds().length == shape.channels(),
            "%d thresholds for %d channels",
            spikes.thresholds().length,
            shape.channels());
        long limit = input instanceof Node.Membrane ? LARGEST_MEMBRANE : EXACT;
        for (int threshold : spikes.thresholds()) {
          require(threshold > -limit && threshold < limit, "threshold %d is not exact", threshold);
        }
        yield shape;
      }
      case Node.MaxPool pool -> {
        require(
            node(pool.input()) instanceof Node.Convolution,
            "'%s' is not a convolution",
            pool.input());
        yield pooled(shape(pool.input()), pool.size(), pool.stride());
      }
      case Node.OrPool pool -> {
        require(node(pool.input()).binary(), "'%s' is not binary", pool.input());
        yield pooled(shape(pool.input()), pool.size(), pool.stride());
      }
      case Node.Upsample upsample -> {
        require(node(upsample.input()).binary(), "'%s' is not binary", upsample.input());
        yield upsampled(shape(upsample.input()), upsample.factor());
      }
      case Node.Concat concat -> shapeOf(concat);
    };
  }

  /** A map behind a pool of square windows. */
  static Shape pooled(Shape shape, int size, int stride) {
    require(
        size >= 1 && size <= 16 && stride >= 1 && stride <= 16,
        "window %d, stride %d",
        size,
        stride);
    return new Shape(
        shape.channels(),
        windows(shape.rows(), size, stride),
        windows(shape.columns(), size, stride));
  }

  /** A map whose pixels are repeated in squares. */
  static Shape upsampled(Shape shape, int factor) {
    require(factor >= 1 && factor <= 16, "factor %d", factor);
    return new Shape(shape.channels(), shape.rows() * factor, shape.columns() * factor);
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
    long[] sums = largest(stream.input());
    Shape shape = shape(stream.input());
    int channels = shape.channels();
    require(stream.factors().length == channels, "%d factors", stream.factors().length);
    require(stream.offsets().length == channels, "%d offsets", stream.offsets().length);
    long[] largest = new long[channels];
    stream.base().ifPresent(base -> addBase(base, shape, largest));
    for (int c = 0; c < channels; c++) {
      long factor = Math.abs((long) stream.factors()[c]);
      long products = factor * sums[c];
      largest[c] += products + Math.abs((long) stream.offsets()[c]);
      require(
          factor < EXACT && products < EXACT && largest[c] < EXACT,
          "channel %d can grow up to %d: not exact in float32",
          c,
          largest[c]);
    }
    streamBounds.put(stream.name(), largest);
    keep(shape);
    return shape;
  }

  private Shape shapeOf(Node.Membrane membrane) {
    Shape shape = shape(membrane.input());
    int channels = shape.channels();
    require(membrane.offsets().length == channels, "%d offsets", membrane.offsets().length);
    require(
        membrane.leak() >= 0 && membrane.leak() <= Node.Membrane.WHOLE,
        "leak %d of %d",
        membrane.leak(),
        Node.Membrane.WHOLE);
    require(
        membrane.shift() >= 0 && membrane.shift() <= MOST_SHIFT,
        "shift %d; 0 to %d",
        membrane.shift(),
        MOST_SHIFT);
    long[] largest = largest(membrane.input());
    for (int c = 0; c < channels; c++) {
      largest[c] = (largest[c] << membrane.shift()) + Math.abs((long) membrane.offsets()[c]);
    }
    membrane.previous().ifPresent(previous -> addPrevious(membrane, previous, shape, largest));
    require(
        membrane.reset().isEmpty() || membrane.previous().isPresent(),
        "a reset without anything to reset");
    for (int c = 0; c < channels; c++) {
      require(
          largest[c] < LARGEST_MEMBRANE, "channel %d can grow up to %d: over 2^30", c, largest[c]);
    }
    membraneBounds.put(membrane.name(), largest);
    keep(shape);
    return shape;
  }

  private void addPrevious(Node.Membrane membrane, String previous, Shape shape, long[] largest) {
    require(node(previous) instanceof Node.Membrane, "'%s' is not a membrane", previous);
    require(shape(previous).equals(shape), "%s after %s", shape, shape(previous));
    require(carriedOn.add(previous), "'%s' is carried on twice", previous);
    long[] bound = membraneBounds.getOrDefault(previous, new long[0]).clone();
    if (membrane.reset().isPresent()) {
      String reset = membrane.reset().get();
      if (!(node(reset) instanceof Node.Spikes spikes) || !spikes.input().equals(previous)) {
        throw new ModelRefusedException(
            "'%s' is not the spikes of '%s'".formatted(reset, previous));
      }
      for (int c = 0; c < bound.length; c++) {
        bound[c] += Math.abs((long) spikes.thresholds()[c]);
      }
    }
    for (int c = 0; c < largest.length; c++) {
      largest[c] += bound[c] * membrane.leak() / Node.Membrane.WHOLE + 1;
    }
  }

  /** How far from zero a channel's integers can be. */
  private long[] largest(String name) {
    return switch (node(name)) {
      case Node.Convolution convolution -> largest(convolution);
      case Node.MaxPool pool -> largest(pool.input());
      case Node.Stream _ -> streamBounds.getOrDefault(name, new long[0]).clone();
      default ->
          throw new ModelRefusedException(
              "'%s' is neither a convolution nor a stream".formatted(name));
    };
  }

  private long[] largest(Node.Convolution convolution) {
    Weights weights = convolution.weights();
    long largestInput = node(convolution.input()) instanceof Node.Pixels ? 255 : 1;
    long[] largest = new long[weights.outChannels()];
    for (int c = 0; c < largest.length; c++) {
      largest[c] = largestInput * ((long) weights.positiveSum(c) - weights.negativeSum(c));
    }
    return largest;
  }

  private void keep(Shape shape) {
    streamValues += shape.values();
    require(
        streamValues <= MAX_STREAM_VALUES,
        "streams and membranes hold over %d values",
        MAX_STREAM_VALUES);
  }

  private void keepSpikes(Shape shape) {
    int words = (shape.channels() + Integer.SIZE - 1) / Integer.SIZE + 1;
    spikeWords += (long) words * shape.rows() * shape.columns();
    require(spikeWords <= MAX_SPIKE_WORDS, "maps of spikes hold over %d words", MAX_SPIKE_WORDS);
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
    int groups = convolution.groups();
    require(
        groups >= 1 && weights.outChannels() % groups == 0,
        "%d groups of %d channels",
        groups,
        weights.outChannels());
    require(
        (long) weights.inChannels() * groups == shape.channels(),
        "weights for %d groups of %d channels on %d",
        groups,
        weights.inChannels(),
        shape.channels());
    require(
        groups == 1
            || convolution.depthwise()
            || (long) weights.outChannels() * shape.channels() * weights.kernel() * weights.kernel()
                <= MAX_SPREAD_WEIGHTS,
        "over %d weights for all groups",
        MAX_SPREAD_WEIGHTS);
    require(
        convolution.stride() == 1 || convolution.stride() == 2,
        "stride %d; 1 or 2",
        convolution.stride());
    require(
        convolution.padding() >= 0 && convolution.padding() < weights.kernel(),
        "padding %d for a kernel of %d",
        convolution.padding(),
        weights.kernel());
    long[] largest = largest(convolution);
    for (int out = 0; out < largest.length; out++) {
      require(
          largest[out] < EXACT,
          "channel %d can sum up to %d: not exact in float32",
          out,
          largest[out]);
    }
    int padding = 2 * convolution.padding();
    return new Shape(
        weights.outChannels(),
        windows(shape.rows() + padding, weights.kernel(), convolution.stride()),
        windows(shape.columns() + padding, weights.kernel(), convolution.stride()));
  }

  /** Windows along a side; those that do not fit are none, which no {@link Shape} takes. */
  static int windows(int length, int size, int stride) {
    return length < size ? 0 : (length - size) / stride + 1;
  }

  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new ModelRefusedException(message.formatted(values));
    }
  }
}
