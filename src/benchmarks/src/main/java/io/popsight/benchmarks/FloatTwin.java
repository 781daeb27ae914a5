package io.popsight.benchmarks;

import ai.onnx.proto.OnnxMl;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.OnnxBuilder;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

  private static final int INT8 = OnnxMl.TensorProto.DataType.INT8_VALUE;
  private static final float ACTIVATION_SCALE = 0.03f;
  private static final float WEIGHT_SCALE = 0.01f;

  private final OnnxBuilder onnx = new OnnxBuilder("twin");
  private final boolean quantized;
  private final Random random = new Random(1);

  private FloatTwin(boolean quantized) {
    this.quantized = quantized;
    if (quantized) {
      onnx.constant("a.scale", new float[] {ACTIVATION_SCALE});
      onnx.constant("a.zero", OnnxMl.TensorProto.DataType.UINT8_VALUE, ByteBuffer.allocate(1));
    }
  }

  /** One convolution and ReLU on float maps. */
  static byte[] layer(Shape input, int outChannels, int kernel, boolean quantized) {
    FloatTwin twin = new FloatTwin(quantized);
    twin.onnx.input("x", input.channels(), input.rows(), input.columns());
    String y =
        twin.convolution(
            "conv", "x", outChannels, input.channels(), kernel, 1, kernel / 2, 1, true);
    twin.onnx.output(y, outChannels, input.rows(), input.columns());
    return twin.onnx.file();
  }

  /** The twin of a whole network, from a float photo [1, 3, H, W] to its heads. */
  static byte[] network(ModelGraph network, boolean quantized) {
    FloatTwin twin = new FloatTwin(quantized);
    for (Node node : network.nodes()) {
      switch (node) {
        case Node.Pixels p -> twin.onnx.input(p.name(), 3, p.shape().rows(), p.shape().columns());
        case Node.Convolution c -> {
          Weights w = c.weights();
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
          twin.onnx.add("Identity", c.name(), List.of(out));
          if (network.heads().contains(c.name())) {
            Shape shape = network.shape(c.name());
            twin.onnx.output(c.name(), shape.channels(), shape.rows(), shape.columns());
          }
        }
        case Node.Stream s ->
            twin.onnx.add(
                s.base().isPresent() ? "Add" : "Identity",
                s.name(),
                Stream.concat(Stream.of(s.input()), s.base().stream()).toList());
        case Node.Membrane m -> twin.onnx.add("Identity", m.name(), List.of(m.input()));
        case Node.Spikes s ->
            twin.onnx.add(
                network.node(s.input()) instanceof Node.Convolution ? "Identity" : "Relu",
                s.name(),
                List.of(s.input()));
        case Node.MaxPool p -> twin.onnx.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.OrPool p -> twin.onnx.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.Upsample u -> twin.onnx.upsample(u.name(), u.input(), u.factor());
        case Node.Concat c -> twin.onnx.concat(c.name(), c.inputs());
      }
    }
    return twin.onnx.file();
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
    onnx.convolution(name + ".conv", List.of(x, w), kernel, stride, padding, groups);
    String last = name + ".conv";
    if (relu) {
      onnx.add("Relu", name + ".relu", List.of(last));
      last = name + ".relu";
    }
    return quantized ? pair(name + ".y", last) : last;
  }

  /** Quantises and goes back: the optimizer fuses the pairs into integer operators. */
  private String pair(String name, String input) {
    onnx.add("QuantizeLinear", name + ".q", List.of(input, "a.scale", "a.zero"));
    onnx.add("DequantizeLinear", name + ".dq", List.of(name + ".q", "a.scale", "a.zero"));
    return name + ".dq";
  }

  private void quantizedWeights(String name, int out, int in, int kernel) {
    byte[] values = new byte[out * in * kernel * kernel];
    random.nextBytes(values);
    onnx.constant(name + ".wq", INT8, ByteBuffer.wrap(values), out, in, kernel, kernel);
    float[] scales = new float[out];
    Arrays.fill(scales, WEIGHT_SCALE);
    onnx.constant(name + ".ws", scales, out);
    onnx.constant(name + ".wz", INT8, ByteBuffer.allocate(out), out);
    onnx.add(
        "DequantizeLinear",
        name + ".w",
        List.of(name + ".wq", name + ".ws", name + ".wz"),
        OnnxBuilder.number("axis", 0));
  }

  private void floatWeights(String name, int out, int in, int kernel) {
    float[] values = new float[out * in * kernel * kernel];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.05f;
    }
    onnx.constant(name, values, out, in, kernel, kernel);
  }
}
