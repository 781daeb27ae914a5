package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the subset of ONNX that {@link OnnxGraphWriter} writes, in the spellings of other tools
 * too: constants as nodes or in fields of their type, operands in either order. Anything else is
 * refused by name.
 */
final class OnnxGraphReader {

  /** Each is looked for among those before it. */
  private static final int MOST_NODES = 10_000;

  private final OnnxMl.GraphProto proto;
  private final ModelMetadata metadata;
  private final Map<String, OnnxValue> values = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  OnnxGraphReader(OnnxMl.GraphProto proto, ModelMetadata metadata) {
    this.proto = proto;
    this.metadata = metadata;
  }

  ModelGraph read() {
    if (proto.getNodeCount() > MOST_NODES) {
      throw new ModelRefusedException(
          "the graph has %d nodes; at most %d".formatted(proto.getNodeCount(), MOST_NODES));
    }
    for (OnnxMl.TensorProto tensor : proto.getInitializerList()) {
      at(
          "initializer '" + tensor.getName() + "'",
          () -> define(tensor.getName(), OnnxTensor.value(tensor)));
    }
    // Older files list their constants among the inputs, too.
    List<OnnxMl.ValueInfoProto> inputs =
        proto.getInputList().stream().filter(i -> !values.containsKey(i.getName())).toList();
    if (inputs.size() != 1) {
      throw new ModelRefusedException("the graph has %d inputs, not 1".formatted(inputs.size()));
    }
    OnnxMl.ValueInfoProto input = inputs.getFirst();
    if (input.getType().getTensorType().getElemType() != OnnxMl.TensorProto.DataType.UINT8_VALUE) {
      throw new ModelRefusedException("input '%s' is not uint8".formatted(input.getName()));
    }
    if (!input.getName().equals(OnnxBuilder.INPUT)) {
      throw new ModelRefusedException(
          "the input is called '%s', not '%s'".formatted(input.getName(), OnnxBuilder.INPUT));
    }
    define(input.getName(), new OnnxValue.Photo(false));
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
      if (!(output(head.sumOutput()) instanceof OnnxValue.Reached(String node))) {
        throw missing(head.sumOutput());
      }
      heads.add(node);
    }
    List<String> layers = new ArrayList<>();
    for (SpikeLayer layer : metadata.spikeLayers()) {
      if (!(output(layer.countOutput()) instanceof OnnxValue.Count(String node))) {
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

  private OnnxValue output(String name) {
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
      case "Constant" -> define(node.output(), OnnxTensor.value(node.constant()));
      case "Cast" -> cast(node);
      case "Transpose" -> {
        if (!(value(node.input(0)) instanceof OnnxValue.Photo(boolean cast))
            || !cast
            || !node.ints("perm", List.of()).equals(List.of(0L, 3L, 1L, 2L))) {
          throw new ModelRefusedException("only the photo is transposed, by 0, 3, 1, 2");
        }
        pixels(node.output(), 0);
      }
      case "Sub" -> subtract(node);
      case "Conv" -> convolution(node);
      case "GreaterOrEqual" ->
          define(
              node.output(),
              new OnnxValue.Comparison(reached(node.input(0)), thresholds(node.input(1))));
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
      case "Mul" -> multiply(node);
      case "Floor" -> define(node.output(), OnnxMembrane.floor(value(node.input(0))));
      case "Add" -> add(node);
      case "ReduceSum" -> {
        if (!(value(node.input(1)) instanceof OnnxValue.Axes(List<Long> axes))
            || !axes.equals(List.of(1L, 2L, 3L))
            || node.integer("keepdims", 1) != 0) {
          throw new ModelRefusedException("sums run over axes 1, 2, 3 without keepdims");
        }
        define(node.output(), new OnnxValue.Count(reached(node.input(0))));
      }
      default -> throw new ModelRefusedException("the operator is outside the subset");
    }
  }

  private void cast(OnnxNode node) {
    if (node.integer("to", 0) == OnnxBuilder.DOUBLE) {
      define(node.output(), OnnxMembrane.wide(reached(node.input(0)), nodes));
      return;
    }
    if (node.integer("to", 0) != OnnxBuilder.FLOAT) {
      throw new ModelRefusedException("only casts to float, and to double for a membrane");
    }
    switch (value(node.input(0))) {
      case OnnxValue.Photo(boolean cast) when !cast ->
          define(node.output(), new OnnxValue.Photo(true));
      case OnnxValue.Constant(Weights weights, boolean cast) when !cast ->
          define(node.output(), new OnnxValue.Constant(weights, true));
      case OnnxValue.Comparison(String input, int[] thresholds) ->
          reach(new Node.Spikes(node.output(), input, thresholds));
      default -> throw new ModelRefusedException("casts something that is not cast here");
    }
  }

  private void multiply(OnnxNode node) {
    List<String> operands = operands(node);
    OnnxValue constant = value(operands.getLast());
    if (constant instanceof OnnxValue.Doubles(double[] factors)) {
      OnnxValue carried = carried(operands.getFirst());
      define(node.output(), OnnxMembrane.times(carried, factors, nodes));
      return;
    }
    if (!(value(operands.getFirst()) instanceof OnnxValue.Reached(String sums))
        || !(constant instanceof OnnxValue.Numbers(float[] factors))) {
      throw new ModelRefusedException("only sums are multiplied, by constants");
    }
    define(node.output(), new OnnxValue.Scaled(sums, factors, Optional.empty()));
  }

  /** What a sum or product has in either order, as this reads it: what changes, and by what. */
  private List<String> operands(OnnxNode node) {
    List<String> written = List.of(node.input(0), node.input(1));
    OnnxValue second = value(node.input(1));
    boolean turned =
        switch (value(node.input(0))) {
          case OnnxValue.Numbers _, OnnxValue.Doubles _ -> true;
          case OnnxValue.Reached _, OnnxValue.Moved _ ->
              second instanceof OnnxValue.Scaled || second instanceof OnnxValue.Kept;
          default -> false;
        };
    return turned ? written.reversed() : written;
  }

  private void add(OnnxNode node) {
    List<String> operands = operands(node);
    OnnxValue first = value(operands.getFirst());
    OnnxValue second = value(operands.getLast());
    if (first instanceof OnnxValue.Wide wide) {
      define(node.output(), OnnxMembrane.moved(wide, second));
      return;
    }
    if (first instanceof OnnxValue.Kept kept) {
      reach(OnnxMembrane.of(node.output(), kept, second));
      return;
    }
    if (!(first instanceof OnnxValue.Scaled(var sums, var factors, var offsets))) {
      throw new ModelRefusedException("only scaled sums are added to");
    }
    if (offsets.isEmpty() && second instanceof OnnxValue.Numbers(float[] numbers)) {
      define(node.output(), new OnnxValue.Scaled(sums, factors, Optional.of(numbers)));
    } else {
      String base = reached(operands.getLast());
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
        || !(value(node.input(2)) instanceof OnnxValue.Scales(float[] factors))
        || factors[0] != 1
        || factors[1] != 1
        || factors[2] != factors[3]
        || factors[2] != (int) factors[2]) {
      throw new ModelRefusedException("rows and columns are repeated a whole number of times");
    }
    reach(new Node.Upsample(node.output(), reached(node.input(0)), (int) factors[2]));
  }

  private void subtract(OnnxNode node) {
    if (value(node.input(1)) instanceof OnnxValue.Taken taken) {
      define(node.output(), OnnxMembrane.left(reached(node.input(0)), taken, nodes));
      return;
    }
    if (!(value(node.input(0)) instanceof OnnxValue.Reached(String photo))
        || !(nodes.getLast() instanceof Node.Pixels pixels)
        || !pixels.name().equals(photo)
        || pixels.offset() != 0
        || !(value(node.input(1)) instanceof OnnxValue.Numbers(float[] offset))
        || offset.length != 1
        || offset[0] != 128) {
      throw new ModelRefusedException("only 128 is subtracted, once, from the photo");
    }
    nodes.removeLast();
    pixels(node.output(), 128);
  }

  private void pixels(String name, int offset) {
    if (!nodes.isEmpty()) {
      throw new ModelRefusedException("the photo is prepared twice");
    }
    reach(
        new Node.Pixels(name, new Shape(3, metadata.inputHeight(), metadata.inputWidth()), offset));
  }

  private void convolution(OnnxNode node) {
    if (!(value(node.input(1)) instanceof OnnxValue.Constant(Weights weights, boolean cast))
        || !cast) {
      throw new ModelRefusedException("the weights are not an int8 initializer cast to float");
    }
    node.refuse("bias", node.inputs() != 2);
    node.refuse("auto_pad", !node.text("auto_pad", "NOTSET").equals("NOTSET"));
    long groups = node.integer("group", 1);
    node.refuse("group", groups < 1 || groups > ModelMetadata.MAX_SIDE);
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
            node.allEqual("pads", 4, 0),
            (int) groups));
  }

  private void pool(OnnxNode node) {
    node.refuse("auto_pad", !node.text("auto_pad", "NOTSET").equals("NOTSET"));
    node.refuse("ceil_mode", node.integer("ceil_mode", 0) != 0);
    node.refuse("dilations", !node.ints("dilations", List.of(1L, 1L)).equals(List.of(1L, 1L)));
    node.refuse("pads", node.allEqual("pads", 4, 0) != 0);
    String input = reached(node.input(0));
    int size = node.allEqual("kernel_shape", 2, 0);
    int stride = node.allEqual("strides", 2, 1);
    boolean sums =
        nodes.stream().anyMatch(n -> n instanceof Node.Convolution && n.name().equals(input));
    reach(
        sums
            ? new Node.MaxPool(node.output(), input, size, stride)
            : new Node.OrPool(node.output(), input, size, stride));
  }

  private int[] thresholds(String name) {
    return switch (value(name)) {
      case OnnxValue.Numbers(float[] values) -> integers("threshold", values);
      case OnnxValue.Doubles(double[] values) -> OnnxMembrane.integers("threshold", values);
      default -> throw new ModelRefusedException("the thresholds are not constant");
    };
  }

  /** What is multiplied on the way to a membrane, and a membrane on its way to the next step. */
  private OnnxValue carried(String name) {
    return switch (value(name)) {
      case OnnxValue.Wide wide -> wide;
      case OnnxValue.Fired fired -> fired;
      case OnnxValue.Left left -> left;
      default -> new OnnxValue.Left(reached(name), Optional.empty());
    };
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

  private void reach(Node node) {
    nodes.add(node);
    define(node.name(), new OnnxValue.Reached(node.name()));
  }

  private String reached(String name) {
    return switch (value(name)) {
      case OnnxValue.Reached(String node) -> node;
      case OnnxValue.Scaled(var sums, var factors, var offsets) -> {
        Node.Stream stream = stream(name, Optional.empty(), sums, factors, offsets);
        nodes.add(stream);
        values.put(name, new OnnxValue.Reached(name));
        yield stream.name();
      }
      case OnnxValue.Moved moved -> {
        nodes.add(OnnxMembrane.first(name, moved));
        values.put(name, new OnnxValue.Reached(name));
        yield name;
      }
      default ->
          throw new ModelRefusedException(
              "reads '%s', which is not a map of the network".formatted(name));
    };
  }

  private OnnxValue value(String name) {
    OnnxValue value = values.get(name);
    if (value == null) {
      throw new ModelRefusedException("reads '%s', which nothing before it makes".formatted(name));
    }
    return value;
  }

  private void define(String name, OnnxValue value) {
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
