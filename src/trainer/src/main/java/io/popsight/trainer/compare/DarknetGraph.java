package io.popsight.trainer.compare;

import io.popsight.model.ModelRefusedException;
import io.popsight.model.OnnxBuilder;
import io.popsight.model.Shape;
import io.popsight.trainer.compare.DarknetConfig.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an ONNX graph of a Darknet network. Its outputs are the rows of the network's yolo layers,
 * decoded as {@link DarknetRuntime} says.
 */
final class DarknetGraph {

  /** OpenCV adds it to variances, too. */
  private static final double EPSILON = 1e-6;

  private static final float LEAK = 0.1f;

  private final DarknetConfig config;
  private final OnnxBuilder onnx;
  private final FloatBuffer weights;
  private final List<Layer> layers = new ArrayList<>();

  /** What a section makes. */
  private record Layer(String map, Shape shape) {}

  private DarknetGraph(DarknetConfig config) throws IOException {
    this.config = config;
    this.onnx = new OnnxBuilder(config.name(), config.height(), config.width());
    this.weights = floats(config);
  }

  /**
   * The graph.
   *
   * @throws IOException if the weights cannot be read
   * @throws ModelRefusedException naming the section that cannot be converted
   */
  static byte[] of(DarknetConfig config) throws IOException {
    return new DarknetGraph(config).file();
  }

  /** Everything behind the head: three version numbers and a count, which had 4 bytes once. */
  private static FloatBuffer floats(DarknetConfig config) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(config.weights())).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() < 5 * Integer.BYTES) {
      throw new ModelRefusedException(config.weights() + " holds no weights");
    }
    int version = bytes.getInt() * 10 + bytes.getInt();
    bytes.position(Integer.BYTES * 3 + (version >= 2 ? Long.BYTES : Integer.BYTES));
    return bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  private byte[] file() {
    if (config.network().number("channels", 3) != 3) {
      throw config.network().refused("channels are not the 3 of a photo");
    }
    onnx.photo("pixels", 0);
    onnx.constant("white", new float[] {255}, 1);
    onnx.add("Div", "photo", List.of("pixels", "white"));
    Layer last = new Layer("photo", new Shape(3, config.height(), config.width()));
    for (Section section : config.layers()) {
      last =
          switch (section.kind()) {
            case "convolutional" -> convolution(section, last);
            case "shortcut" -> shortcut(section, last);
            case "route" -> route(section);
            case "maxpool" -> maxPool(section, last);
            case "upsample" -> upsample(section, last);
            case "dropout" -> last;
            case "yolo" -> yolo(section, last);
            default -> throw section.refused("no such section is converted to ONNX");
          };
      layers.add(last);
    }
    if (weights.hasRemaining()) {
      throw new ModelRefusedException(
          "%s holds %d numbers more than the layers of %s"
              .formatted(config.weights(), weights.remaining(), config.file()));
    }
    return onnx.file();
  }

  private String name() {
    return "layer" + layers.size();
  }

  private Layer convolution(Section section, Layer input) {
    section.only(
        "filters", "size", "stride", "pad", "padding", "groups", "batch_normalize", "activation");
    String name = name();
    int filters = section.count("filters");
    int size = section.count("size");
    int stride = section.count("stride", 1);
    int groups = section.count("groups", 1);
    int padding = section.number("pad", 0) == 0 ? section.number("padding", 0) : size / 2;
    Shape shape = input.shape;
    if (shape.channels() % groups != 0) {
      throw section.refused("%d channels in %d groups".formatted(shape.channels(), groups));
    }
    int groupChannels = shape.channels() / groups;
    float[] biases = next(section, filters);
    boolean normalized = section.number("batch_normalize", 0) != 0;
    float[] scales = normalized ? next(section, filters) : new float[0];
    float[] means = normalized ? next(section, filters) : new float[0];
    float[] variances = normalized ? next(section, filters) : new float[0];
    float[] kernels = next(section, filters * groupChannels * size * size);
    if (normalized) {
      int window = kernels.length / filters;
      for (int f = 0; f < filters; f++) {
        double factor = scales[f] / Math.sqrt(variances[f] + EPSILON);
        biases[f] = (float) (biases[f] - means[f] * factor);
        for (int i = f * window; i < (f + 1) * window; i++) {
          kernels[i] = (float) (kernels[i] * factor);
        }
      }
    }
    onnx.constant(name + ".weights", kernels, filters, groupChannels, size, size);
    onnx.constant(name + ".biases", biases, filters);
    onnx.convolution(
        name + ".sum",
        List.of(input.map, name + ".weights", name + ".biases"),
        size,
        stride,
        padding,
        groups);
    return new Layer(
        activated(section, name + ".sum", section.text("activation", "logistic")),
        new Shape(
            filters,
            (shape.rows() + 2 * padding - size) / stride + 1,
            (shape.columns() + 2 * padding - size) / stride + 1));
  }

  private float[] next(Section section, int count) {
    if (weights.remaining() < count) {
      throw section.refused(config.weights() + " ends before these weights");
    }
    float[] values = new float[count];
    weights.get(values);
    return values;
  }

  private String activated(Section section, String sum, String activation) {
    return switch (activation) {
      case "linear" -> sum;
      case "leaky" -> {
        onnx.add("LeakyRelu", name(), List.of(sum), OnnxBuilder.real("alpha", LEAK));
        yield name();
      }
      default -> throw section.refused("activation=" + activation + " is not converted to ONNX");
    };
  }

  private Layer shortcut(Section section, Layer input) {
    section.only("from", "activation");
    Layer from = layer(section, section.number("from"));
    if (!from.shape.equals(input.shape)) {
      throw section.refused("adds %s to %s".formatted(from.shape, input.shape));
    }
    String sum = name() + ".sum";
    onnx.add("Add", sum, List.of(input.map, from.map));
    return new Layer(activated(section, sum, section.text("activation", "linear")), input.shape);
  }

  private Layer route(Section section) {
    section.only("layers");
    List<Layer> routed =
        section.numbers("layers").stream().map(index -> layer(section, index)).toList();
    Layer first = routed.getFirst();
    if (routed.size() == 1) {
      return first;
    }
    onnx.concat(name(), routed.stream().map(Layer::map).toList());
    int channels = routed.stream().mapToInt(layer -> layer.shape.channels()).sum();
    return new Layer(name(), new Shape(channels, first.shape.rows(), first.shape.columns()));
  }

  /** Counted from the first, or back from here where negative. */
  private Layer layer(Section section, int index) {
    int place = index < 0 ? layers.size() + index : index;
    if (place < 0 || place >= layers.size()) {
      throw section.refused("there is no layer %d before it".formatted(index));
    }
    return layers.get(place);
  }

  private Layer maxPool(Section section, Layer input) {
    section.only("size", "stride", "padding");
    int size = section.count("size");
    int stride = section.count("stride");
    int padding = section.number("padding", size - 1);
    int before = padding / 2;
    int after = padding - before;
    onnx.add(
        "MaxPool",
        name(),
        List.of(input.map),
        OnnxBuilder.numbers("kernel_shape", size, size),
        OnnxBuilder.numbers("strides", stride, stride),
        OnnxBuilder.numbers("pads", before, before, after, after));
    Shape shape = input.shape;
    return new Layer(
        name(),
        new Shape(
            shape.channels(),
            (shape.rows() + padding - size) / stride + 1,
            (shape.columns() + padding - size) / stride + 1));
  }

  private Layer upsample(Section section, Layer input) {
    section.only("stride");
    int factor = section.count("stride");
    onnx.upsample(name(), input.map, factor);
    Shape shape = input.shape;
    return new Layer(
        name(), new Shape(shape.channels(), shape.rows() * factor, shape.columns() * factor));
  }

  private Layer yolo(Section section, Layer input) {
    new YoloNodes(onnx, name(), section, config.network()).add(input.map, input.shape);
    return input;
  }
}
