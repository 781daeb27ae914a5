package io.popsight.benchmarks;

import static io.popsight.model.OnnxBuilder.number;
import static io.popsight.model.OnnxBuilder.numbers;
import static io.popsight.model.OnnxBuilder.text;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The network that a user would run instead: the same convolutions with float weights and ReLU, as
 * ONNX; optionally with QuantizeLinear/DequantizeLinear pairs around them (weights int8 a channel,
 * activations uint8), which ONNX Runtime turns into integer convolutions. Weights are random: only
 * time is measured.
 */
final class FloatTwin {

  private static final int FLOAT = OnnxMl.TensorProto.DataType.FLOAT_VALUE;
  private static final float ACTIVATION_SCALE = 0.03f;
  private static final float WEIGHT_SCALE = 0.01f;

  private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("twin");
  private final boolean quantized;
  private final Random random = new Random(1);

  private FloatTwin(boolean quantized) {
    this.quantized = quantized;
    if (quantized) {
      scalar("a.scale", ACTIVATION_SCALE);
      zero("a.zero", OnnxMl.TensorProto.DataType.UINT8_VALUE, 1, false);
    }
  }

  /** One convolution and ReLU on float maps. */
  static byte[] layer(Shape input, int outChannels, int kernel, int stride, boolean quantized) {
    FloatTwin twin = new FloatTwin(quantized);
    twin.graph.addInput(info("x", input.channels(), input.rows(), input.columns()));
    String y =
        twin.convolution(
            "conv", "x", outChannels, input.channels(), kernel, stride, kernel / 2, 1, true);
    twin.graph.addOutput(info(y));
    return twin.model();
  }

  /** The twin of a whole network, from a float photo [N, 3, H, W] to its heads. */
  static byte[] network(ModelGraph network, boolean quantized) {
    FloatTwin twin = new FloatTwin(quantized);
    for (Node node : network.nodes()) {
      switch (node) {
        case Node.Pixels p ->
            twin.graph.addInput(info(p.name(), 3, p.shape().rows(), p.shape().columns()));
        case Node.Convolution c -> {
          Weights w = c.weights();
          boolean head = network.heads().contains(c.name());
          String out =
              twin.convolution(
                  c.name(),
                  c.input(),
                  w.outChannels(),
                  w.inChannels(),
                  w.kernel(),
                  c.stride(),
                  c.padding(),
                  c.groups(),
                  fires(network, c.name()));
          twin.rename(out, c.name());
          if (head) {
            twin.graph.addOutput(info(c.name()));
          }
        }
        case Node.Stream s ->
            twin.node(
                s.base().isPresent() ? "Add" : "Identity",
                s.name(),
                Stream.concat(Stream.of(s.input()), s.base().stream()).toList());
        case Node.Membrane m -> twin.node("Identity", m.name(), List.of(m.input()));
        case Node.Spikes s ->
            twin.node(
                network.node(s.input()) instanceof Node.Convolution ? "Identity" : "Relu",
                s.name(),
                List.of(s.input()));
        case Node.MaxPool p -> twin.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.OrPool p -> twin.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.Upsample u -> twin.upsample(u);
        case Node.Concat c -> twin.node("Concat", c.name(), c.inputs(), number("axis", 1));
      }
    }
    return twin.model();
  }

  private void maxPool(String name, String input, int size, int stride) {
    node(
        "MaxPool",
        name,
        List.of(input),
        numbers("kernel_shape", size, size),
        numbers("strides", stride, stride));
  }

  private static boolean fires(ModelGraph network, String convolution) {
    return network.nodes().stream()
        .anyMatch(node -> node instanceof Node.Spikes s && s.input().equals(convolution));
  }

  private String convolution(
      String name,
      String input,
      int out,
      int in,
      int kernel,
      int stride,
      int padding,
      int groups,
      boolean relu) {
    String x = input;
    String w = name + ".w";
    if (quantized) {
      x = pair(name + ".x", input);
      quantizedWeights(name, out, in, kernel);
    } else {
      floatWeights(w, out, in, kernel);
    }
    node(
        "Conv",
        name + ".conv",
        List.of(x, w),
        numbers("kernel_shape", kernel, kernel),
        numbers("strides", stride, stride),
        numbers("pads", padding, padding, padding, padding),
        number("group", groups));
    String last = name + ".conv";
    if (relu) {
      node("Relu", name + ".relu", List.of(last));
      last = name + ".relu";
    }
    return quantized ? pair(name + ".y", last) : last;
  }

  /** Quantises and goes back: the optimizer fuses the pairs into integer operators. */
  private String pair(String name, String input) {
    node("QuantizeLinear", name + ".q", List.of(input, "a.scale", "a.zero"));
    node("DequantizeLinear", name + ".dq", List.of(name + ".q", "a.scale", "a.zero"));
    return name + ".dq";
  }

  private void quantizedWeights(String name, int out, int in, int kernel) {
    byte[] values = new byte[out * in * kernel * kernel];
    random.nextBytes(values);
    graph.addInitializer(
        tensor(
            name + ".wq",
            OnnxMl.TensorProto.DataType.INT8_VALUE,
            ByteString.copyFrom(values),
            out,
            in,
            kernel,
            kernel));
    ByteBuffer scales = ByteBuffer.allocate(out * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int c = 0; c < out; c++) {
      scales.putFloat(WEIGHT_SCALE);
    }
    graph.addInitializer(tensor(name + ".ws", FLOAT, ByteString.copyFrom(scales.flip()), out));
    zero(name + ".wz", OnnxMl.TensorProto.DataType.INT8_VALUE, out, true);
    node(
        "DequantizeLinear",
        name + ".w",
        List.of(name + ".wq", name + ".ws", name + ".wz"),
        number("axis", 0));
  }

  private void floatWeights(String name, int out, int in, int kernel) {
    int count = out * in * kernel * kernel;
    ByteBuffer values = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      values.putFloat((float) random.nextGaussian() * 0.05f);
    }
    graph.addInitializer(
        tensor(name, FLOAT, ByteString.copyFrom(values.flip()), out, in, kernel, kernel));
  }

  private void scalar(String name, float value) {
    ByteBuffer raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).flip();
    graph.addInitializer(tensor(name, FLOAT, ByteString.copyFrom(raw)));
  }

  private void zero(String name, int type, int length, boolean vector) {
    ByteString zeros = ByteString.copyFrom(new byte[length]);
    graph.addInitializer(vector ? tensor(name, type, zeros, length) : tensor(name, type, zeros));
  }

  private void upsample(Node.Upsample upsample) {
    ByteBuffer scales = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    scales.putFloat(1).putFloat(1).putFloat(upsample.factor()).putFloat(upsample.factor()).flip();
    String name = upsample.name() + ".scales";
    graph.addInitializer(tensor(name, FLOAT, ByteString.copyFrom(scales), 4));
    node(
        "Resize",
        upsample.name(),
        List.of(upsample.input(), "", name),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }

  private void rename(String from, String to) {
    node("Identity", to, List.of(from));
  }

  private void node(
      String type, String output, List<String> inputs, OnnxMl.AttributeProto... attributes) {
    graph.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setName(output)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  private byte[] model() {
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static OnnxMl.TensorProto tensor(String name, int type, ByteString raw, long... dims) {
    List<Long> list = new ArrayList<>();
    for (long dim : dims) {
      list.add(dim);
    }
    return OnnxMl.TensorProto.newBuilder()
        .setName(name)
        .setDataType(type)
        .addAllDims(list)
        .setRawData(raw)
        .build();
  }

  private static OnnxMl.ValueInfoProto info(String name, long... sides) {
    OnnxMl.TypeProto.Tensor.Builder type = OnnxMl.TypeProto.Tensor.newBuilder().setElemType(FLOAT);
    if (sides.length > 0) {
      OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
      shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(1));
      for (long side : sides) {
        shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(side));
      }
      type.setShape(shape);
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
