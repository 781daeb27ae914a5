package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the subset of ONNX that {@link OnnxGraphWriter} writes; anything else is refused by name.
 */
final class OnnxGraphReader {

  /** What a tensor name stands for while the graph is walked. */
  private sealed interface Value {
    /** The photo on its way from bytes to {@link Node.Pixels}. */
    record Photo(boolean cast, boolean transposed) implements Value {}

    /** Integer weights, still bytes or already cast. */
    record Constant(Weights weights, boolean cast) implements Value {}

    /** Float constant of one value a channel, or a single one. */
    record Numbers(float[] values) implements Value {}

    /** A comparison that waits for its cast. */
    record Comparison(String input, int[] thresholds) implements Value {}

    /** A node of the typed graph. */
    record Reached(String node) implements Value {}

    /**
     * A convolution's sums times a factor a channel and, once added, plus an offset: a stream when
     * something reads it; otherwise a head as other readers of the file want it.
     */
    record Scaled(String sums, float[] factors, Optional<float[]> offsets) implements Value {}

    /** Factors of a resize: photos, channels, rows, columns. */
    record Scales(float[] factors) implements Value {}

    /** The number of ones of a node. */
    record Count(String node) implements Value {}

    /** Axes of a reduction. */
    record Axes(List<Long> axes) implements Value {}
  }

  private final OnnxMl.GraphProto proto;
  private final ModelMetadata metadata;
  private final Map<String, Value> values = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  OnnxGraphReader(OnnxMl.GraphProto proto, ModelMetadata metadata) {
    this.proto = proto;
    this.metadata = metadata;
  }

  ModelGraph read() {
    for (OnnxMl.TensorProto tensor : proto.getInitializerList()) {
      at(
          "initializer '" + tensor.getName() + "'",
          () -> define(tensor.getName(), constant(tensor)));
    }
    if (proto.getInputCount() != 1) {
      throw new ModelRefusedException(
          "the graph has %d inputs, not 1".formatted(proto.getInputCount()));
    }
    OnnxMl.ValueInfoProto input = proto.getInput(0);
    if (input.getType().getTensorType().getElemType() != OnnxMl.TensorProto.DataType.UINT8_VALUE) {
      throw new ModelRefusedException("input '%s' is not uint8".formatted(input.getName()));
    }
    define(input.getName(), new Value.Photo(false, false));
    for (OnnxMl.NodeProto node : proto.getNodeList()) {
      at(
          "node '%s' (%s)".formatted(node.getName(), node.getOpType()),
          () -> walk(new OnnxNode(node)));
    }
    return graph();
  }

  private ModelGraph graph() {
    List<String> heads = new ArrayList<>();
    for (HeadMap head : metadata.heads()) {
      if (!(output(head.sumOutput()) instanceof Value.Reached(String node))) {
        throw missing(head.sumOutput());
      }
      heads.add(node);
    }
    List<String> layers = new ArrayList<>();
    for (SpikeLayer layer : metadata.spikeLayers()) {
      if (!(output(layer.countOutput()) instanceof Value.Count(String node))) {
        throw missing(layer.countOutput());
      }
      layers.add(node);
    }
    ModelGraph graph = new ModelGraph(nodes, heads, layers);
    for (int h = 0; h < heads.size(); h++) {
      HeadMap head = metadata.heads().get(h);
      same(
          heads.get(h),
          graph.shape(heads.get(h)),
          new Shape(head.channels(), head.rows(), head.columns()));
    }
    for (int l = 0; l < layers.size(); l++) {
      SpikeLayer layer = metadata.spikeLayers().get(l);
      same(
          layers.get(l),
          graph.shape(layers.get(l)),
          new Shape(layer.channels(), layer.rows(), layer.columns()));
    }
    return graph;
  }

  private static void same(String node, Shape found, Shape declared) {
    if (!found.equals(declared)) {
      throw new ModelRefusedException(
          "node '%s' makes %s but the metadata declares %s".formatted(node, found, declared));
    }
  }

  private Value output(String name) {
    if (proto.getOutputList().stream().noneMatch(o -> o.getName().equals(name))) {
      throw missing(name);
    }
    return value(name);
  }

  private static ModelRefusedException missing(String output) {
    return new ModelRefusedException("the graph has no proper output '%s'".formatted(output));
  }

  private void walk(OnnxNode node) {
    switch (node.type()) {
      case "Cast" -> cast(node);
      case "Transpose" -> {
        if (!(value(node.input(0)) instanceof Value.Photo(boolean cast, boolean transposed))
            || !cast
            || transposed
            || !node.ints("perm", List.of()).equals(List.of(0L, 3L, 1L, 2L))) {
          throw new ModelRefusedException("only the photo is transposed, by 0, 3, 1, 2");
        }
        pixels(node.output(), new Value.Photo(true, true), 0);
      }
      case "Sub" -> subtract(node);
      case "Conv" -> convolution(node);
      case "GreaterOrEqual" ->
          define(
              node.output(),
              new Value.Comparison(reached(node.input(0)), thresholds(node.input(1))));
      case "MaxPool" -> pool(node);
      case "Resize" -> resize(node);
      case "Concat" -> {
        node.refuse("axis", node.integer("axis", 1) != 1);
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < node.inputs(); i++) {
          inputs.add(reached(node.input(i)));
        }
        reach(new Node.Concat(node.output(), inputs));
      }
      case "Mul" -> {
        if (!(value(node.input(0)) instanceof Value.Reached(String sums))
            || !(value(node.input(1)) instanceof Value.Numbers(float[] factors))) {
          throw new ModelRefusedException("only sums are multiplied, by constants");
        }
        define(node.output(), new Value.Scaled(sums, factors, Optional.empty()));
      }
      case "Add" -> add(node);
      case "ReduceSum" -> {
        if (!(value(node.input(1)) instanceof Value.Axes(List<Long> axes))
            || !axes.equals(List.of(1L, 2L, 3L))
            || node.integer("keepdims", 1) != 0) {
          throw new ModelRefusedException("sums run over axes 1, 2, 3 without keepdims");
        }
        define(node.output(), new Value.Count(reached(node.input(0))));
      }
      default -> throw new ModelRefusedException("the operator is outside the subset");
    }
  }

  private void cast(OnnxNode node) {
    if (node.integer("to", 0) != OnnxMl.TensorProto.DataType.FLOAT_VALUE) {
      throw new ModelRefusedException("only casts to float");
    }
    switch (value(node.input(0))) {
      case Value.Photo(boolean cast, boolean transposed) when !cast ->
          define(node.output(), new Value.Photo(true, transposed));
      case Value.Constant(Weights weights, boolean cast) when !cast ->
          define(node.output(), new Value.Constant(weights, true));
      case Value.Comparison(String input, int[] thresholds) ->
          reach(new Node.Spikes(node.output(), input, thresholds));
      default -> throw new ModelRefusedException("casts something that is not cast here");
    }
  }

  private void add(OnnxNode node) {
    if (!(value(node.input(0)) instanceof Value.Scaled(var sums, var factors, var offsets))) {
      throw new ModelRefusedException("only scaled sums are added to");
    }
    if (offsets.isEmpty() && value(node.input(1)) instanceof Value.Numbers(float[] numbers)) {
      define(node.output(), new Value.Scaled(sums, factors, Optional.of(numbers)));
    } else {
      String base = reached(node.input(1));
      reach(stream(node.output(), Optional.of(base), sums, factors, offsets));
    }
  }

  private static Node.Stream stream(
      String name, Optional<String> base, String sums, float[] factors, Optional<float[]> offsets) {
    return new Node.Stream(
        name,
        sums,
        base,
        integers("factor", factors),
        integers("offset", offsets.orElse(new float[factors.length])));
  }

  private void resize(OnnxNode node) {
    node.refuse("mode", !node.text("mode", "nearest").equals("nearest"));
    node.refuse(
        "coordinate_transformation_mode",
        !node.text("coordinate_transformation_mode", "half_pixel").equals("asymmetric"));
    node.refuse("nearest_mode", !node.text("nearest_mode", "round_prefer_floor").equals("floor"));
    if (!node.input(1).isEmpty()
        || !(value(node.input(2)) instanceof Value.Scales(float[] factors))
        || factors[0] != 1
        || factors[1] != 1
        || factors[2] != factors[3]
        || factors[2] != (int) factors[2]) {
      throw new ModelRefusedException("rows and columns are repeated a whole number of times");
    }
    reach(new Node.Upsample(node.output(), reached(node.input(0)), (int) factors[2]));
  }

  private void subtract(OnnxNode node) {
    if (!(value(node.input(0)) instanceof Value.Reached(String photo))
        || !(nodes.getLast() instanceof Node.Pixels pixels)
        || !pixels.name().equals(photo)
        || pixels.offset() != 0
        || !(value(node.input(1)) instanceof Value.Numbers(float[] offset))
        || offset.length != 1
        || offset[0] != 128) {
      throw new ModelRefusedException("only 128 is subtracted, once, from the photo");
    }
    nodes.removeLast();
    pixels(node.output(), new Value.Photo(true, true), 128);
  }

  private void pixels(String name, Value.Photo photo, int offset) {
    if (!nodes.isEmpty()) {
      throw new ModelRefusedException("the photo is prepared twice");
    }
    assert photo.transposed();
    reach(
        new Node.Pixels(name, new Shape(3, metadata.inputHeight(), metadata.inputWidth()), offset));
  }

  private void convolution(OnnxNode node) {
    if (!(value(node.input(1)) instanceof Value.Constant(Weights weights, boolean cast)) || !cast) {
      throw new ModelRefusedException("the weights are not an int8 initializer cast to float");
    }
    node.refuse("bias", node.inputs() != 2);
    node.refuse("auto_pad", !node.text("auto_pad", "NOTSET").equals("NOTSET"));
    node.refuse("group", node.integer("group", 1) != 1);
    node.refuse("dilations", !node.ints("dilations", List.of(1L, 1L)).equals(List.of(1L, 1L)));
    long kernel = weights.kernel();
    node.refuse(
        "kernel_shape",
        !node.ints("kernel_shape", List.of(kernel, kernel)).equals(List.of(kernel, kernel)));
    reach(
        new Node.Convolution(
            node.output(),
            reached(node.input(0)),
            weights,
            node.allEqual("strides", 2, 1),
            node.allEqual("pads", 4, 0)));
  }

  private void pool(OnnxNode node) {
    node.refuse("auto_pad", !node.text("auto_pad", "NOTSET").equals("NOTSET"));
    node.refuse("ceil_mode", node.integer("ceil_mode", 0) != 0);
    node.refuse("dilations", !node.ints("dilations", List.of(1L, 1L)).equals(List.of(1L, 1L)));
    node.refuse("pads", node.allEqual("pads", 4, 0) != 0);
    reach(
        new Node.OrPool(
            node.output(),
            reached(node.input(0)),
            node.allEqual("kernel_shape", 2, 0),
            node.allEqual("strides", 2, 1)));
  }

  private int[] thresholds(String name) {
    if (!(value(name) instanceof Value.Numbers(float[] values))) {
      throw new ModelRefusedException("the thresholds are not constant");
    }
    return integers("threshold", values);
  }

  private static int[] integers(String what, float[] values) {
    int[] integers = new int[values.length];
    for (int c = 0; c < values.length; c++) {
      integers[c] = (int) values[c];
      if (integers[c] != values[c]) {
        throw new ModelRefusedException(
            "%s %s of channel %d is no integer".formatted(what, values[c], c));
      }
    }
    return integers;
  }

  private static Value constant(OnnxMl.TensorProto tensor) {
    return switch (OnnxMl.TensorProto.DataType.forNumber(tensor.getDataType())) {
      case INT8 -> new Value.Constant(OnnxTensor.weights(tensor), false);
      case FLOAT ->
          tensor.getDimsList().equals(List.of(4L))
              ? new Value.Scales(OnnxTensor.floats(tensor))
              : new Value.Numbers(OnnxTensor.perChannel(tensor));
      case INT64 -> new Value.Axes(OnnxTensor.axes(tensor));
      case null, default ->
          throw new ModelRefusedException(
              "data type %d is outside the subset".formatted(tensor.getDataType()));
    };
  }

  private void reach(Node node) {
    nodes.add(node);
    define(node.name(), new Value.Reached(node.name()));
  }

  private String reached(String name) {
    return switch (value(name)) {
      case Value.Reached(String node) -> node;
      case Value.Scaled(var sums, var factors, var offsets) -> {
        Node.Stream stream = stream(name, Optional.empty(), sums, factors, offsets);
        nodes.add(stream);
        values.put(name, new Value.Reached(name));
        yield stream.name();
      }
      default ->
          throw new ModelRefusedException(
              "reads '%s', which is not a map of the network".formatted(name));
    };
  }

  private Value value(String name) {
    Value value = values.get(name);
    if (value == null) {
      throw new ModelRefusedException("reads '%s', which nothing before it makes".formatted(name));
    }
    return value;
  }

  private void define(String name, Value value) {
    if (values.put(name, value) != null) {
      throw new ModelRefusedException("the name '%s' is used twice".formatted(name));
    }
  }

  private static void at(String place, Runnable step) {
    try {
      step.run();
    } catch (ModelRefusedException e) {
      throw new ModelRefusedException(place + ": " + e.getMessage(), e);
    }
  }
}
