package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The convolutions of a file that is outside the typed subset because its weights are floats or its
 * units no spikes: enough to say what work they are, not to run them.
 */
public final class ForeignGraph {

  /** Bits of a float weight. */
  public static final int FLOAT_BITS = 32;

  private final Map<String, OnnxMl.TensorProto> constants = new HashMap<>();
  private final Map<String, SpikeLayer> counted = new HashMap<>();
  private final Map<String, Flow> flows = new HashMap<>();
  private final List<Convolution> convolutions = new ArrayList<>();

  /**
   * A convolution.
   *
   * @param name of its node
   * @param input map that it reads
   * @param output sums that it makes
   * @param window weights of an output channel
   * @param weightBits 1, 2, 4 or 8; {@link #FLOAT_BITS} of floats
   * @param ofSpikes whether it reads spikes, or signs, instead of a photo's or a float twin's
   *     values
   * @param inputRate share of its inputs that count, over the training photos; 1 where no spikes
   *     are read
   * @param layers names of the spike layers that fire on its sums
   */
  public record Convolution(
      String name,
      Shape input,
      Shape output,
      long window,
      int weightBits,
      boolean ofSpikes,
      double inputRate,
      List<String> layers) {}

  /** A map on its way through the graph, and the convolution that it comes from. */
  private record Flow(Shape shape, boolean spikes, double rate, String madeBy) {

    Flow shaped(Shape other) {
      return new Flow(other, spikes, rate, madeBy);
    }

    Flow values() {
      return new Flow(shape, false, 1, madeBy);
    }
  }

  private ForeignGraph() {}

  /**
   * The convolutions of a file, in its order.
   *
   * @throws ModelRefusedException naming a node whose work is not known
   */
  public static List<Convolution> convolutions(ModelFile file) {
    try {
      return new ForeignGraph()
          .walk(OnnxMl.ModelProto.parseFrom(file.bytes()).getGraph(), file.metadata());
    } catch (InvalidProtocolBufferException e) {
      throw new ModelRefusedException("not an ONNX file: " + e.getMessage(), e);
    }
  }

  private List<Convolution> walk(OnnxMl.GraphProto graph, ModelMetadata metadata) {
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    Map<String, String> maps = new HashMap<>();
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("ReduceSum")) {
        maps.put(node.getOutput(0), node.getInput(0));
      }
    }
    for (SpikeLayer layer : metadata.spikeLayers()) {
      Optional.ofNullable(maps.get(layer.countOutput())).ifPresent(map -> counted.put(map, layer));
    }
    for (OnnxMl.ValueInfoProto photo : graph.getInputList()) {
      Shape pixels = new Shape(3, metadata.inputHeight(), metadata.inputWidth());
      flows.put(photo.getName(), new Flow(pixels, false, 1, ""));
    }
    for (OnnxMl.NodeProto proto : graph.getNodeList()) {
      OnnxNode node = new OnnxNode(proto);
      try {
        walk(node);
      } catch (ModelRefusedException e) {
        throw new ModelRefusedException(
            "node '%s' (%s): %s".formatted(proto.getName(), node.type(), e.getMessage()), e);
      }
    }
    return List.copyOf(convolutions);
  }

  private void walk(OnnxNode node) {
    if (node.type().equals("Constant")) {
      constants.put(node.output(), node.constant());
      return;
    }
    List<String> maps =
        node.proto().getInputList().stream().filter(i -> !constants.containsKey(i)).toList();
    if (maps.isEmpty()) {
      constants.put(node.output(), constants.get(node.input(0)));
      return;
    }
    Flow input = flow(maps.getFirst());
    Flow made =
        switch (node.type()) {
          case "Cast", "Transpose", "Div", "Round", "ReduceSum" -> input;
          case "Add" -> sum(maps);
          // Spikes that are scaled and shifted are signs, of which none is zero.
          case "Mul", "Sub" -> new Flow(input.shape(), input.spikes(), 1, input.madeBy());
          case "Relu" -> input.values();
          case "GreaterOrEqual", "Sign" -> new Flow(input.shape(), true, 1, input.madeBy());
          case "MaxPool" -> pooled(node, input);
          case "Resize" -> input.shaped(resized(node, input.shape()));
          case "Concat" -> concat(node);
          case "Conv" -> convolution(node, input);
          default -> throw new ModelRefusedException("its work is not known");
        };
    SpikeLayer layer = counted.get(node.output());
    if (layer != null) {
      made = new Flow(made.shape(), made.spikes(), layer.trainingRate(), made.madeBy());
      fires(layer.name(), made.madeBy());
    }
    flows.put(node.output(), made);
  }

  private void fires(String layer, String convolution) {
    convolutions.replaceAll(
        c -> {
          List<String> layers = new ArrayList<>(c.layers());
          if (c.name().equals(convolution)) {
            layers.add(layer);
          }
          return new Convolution(
              c.name(),
              c.input(),
              c.output(),
              c.window(),
              c.weightBits(),
              c.ofSpikes(),
              c.inputRate(),
              List.copyOf(layers));
        });
  }

  private Flow flow(String name) {
    Flow flow = flows.get(name);
    if (flow == null) {
      throw new ModelRefusedException("reads '%s', which nothing before it makes".formatted(name));
    }
    return flow;
  }

  /** What fires on a stream fires on what was added last. */
  private Flow sum(List<String> maps) {
    List<String> made = convolutions.stream().map(Convolution::name).toList();
    return maps.stream()
        .map(this::flow)
        .max(Comparator.comparingInt(flow -> made.indexOf(flow.madeBy())))
        .orElseThrow();
  }

  private Flow convolution(OnnxNode node, Flow input) {
    OnnxMl.TensorProto weights = constants.get(node.input(1));
    if (weights == null || weights.getDimsCount() != 4) {
      throw new ModelRefusedException("its weights are not [out, in, k, k]");
    }
    int kernel = OnnxTensor.side(weights, 2);
    int border = 2 * node.allEqual("pads", 4, 0);
    int stride = Math.max(1, node.allEqual("strides", 2, 1));
    Shape in = input.shape();
    Shape out =
        new Shape(
            OnnxTensor.side(weights, 0),
            ModelGraph.windows(in.rows() + border, kernel, stride),
            ModelGraph.windows(in.columns() + border, kernel, stride));
    boolean integers = weights.getDataType() == OnnxMl.TensorProto.DataType.INT8_VALUE;
    convolutions.add(
        new Convolution(
            node.output(),
            in,
            out,
            (long) OnnxTensor.side(weights, 1) * kernel * kernel,
            integers ? OnnxTensor.weights(weights).bits() : FLOAT_BITS,
            input.spikes(),
            input.rate(),
            List.of()));
    return new Flow(out, false, 1, node.output());
  }

  private Flow concat(OnnxNode node) {
    Flow first = flow(node.input(0));
    int channels = 0;
    double ones = 0;
    for (int i = 0; i < node.inputs(); i++) {
      Flow flow = flow(node.input(i));
      channels += flow.shape().channels();
      ones += flow.rate() * flow.shape().channels();
    }
    Shape shape = new Shape(channels, first.shape().rows(), first.shape().columns());
    return new Flow(shape, first.spikes(), ones / channels, first.madeBy());
  }

  private static Flow pooled(OnnxNode node, Flow input) {
    int size = node.allEqual("kernel_shape", 2, 1);
    Shape shape = ModelGraph.pooled(input.shape(), size, node.allEqual("strides", 2, 1));
    return new Flow(shape, input.spikes(), SpikeRates.pooled(input.rate(), size), input.madeBy());
  }

  private Shape resized(OnnxNode node, Shape shape) {
    OnnxMl.TensorProto scales = constants.get(node.input(2));
    if (scales == null || scales.getDimsCount() != 1 || scales.getDims(0) != 4) {
      throw new ModelRefusedException("its scales are not four constants");
    }
    return ModelGraph.upsampled(shape, (int) OnnxTensor.floats(scales)[2]);
  }
}
