package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** An ONNX graph under construction, whatever its nodes compute. */
public sealed class OnnxBuilder permits ModelFileBuilder {

  /** Name of the graph's input. */
  public static final String INPUT = "images";

  static final int FLOAT = OnnxMl.TensorProto.DataType.FLOAT_VALUE;
  static final int DOUBLE = OnnxMl.TensorProto.DataType.DOUBLE_VALUE;

  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;

  /** A number of photos that is not given. */
  private static final OnnxMl.TensorShapeProto.Dimension ANY =
      OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("N").build();

  private final OnnxMl.GraphProto.Builder proto = OnnxMl.GraphProto.newBuilder();

  /** An empty graph. */
  public OnnxBuilder(String name) {
    proto.setName(name);
  }

  /** An empty graph with its input: RGB, unsigned bytes, [N, rows, columns, 3]. */
  public OnnxBuilder(String name, int inputHeight, int inputWidth) {
    this(name);
    proto.addInput(
        info(INPUT, OnnxMl.TensorProto.DataType.UINT8_VALUE, ANY, inputHeight, inputWidth, 3));
  }

  /** A float map of one photo as input. */
  public final void input(String name, long... sides) {
    proto.addInput(info(name, FLOAT, side(1), sides));
  }

  /** The photo as floats [N, 3, rows, columns], {@code pixel - offset}. */
  public final void photo(String name, int offset) {
    add("Cast", "images.float", List.of(INPUT), number("to", FLOAT));
    String transposed = offset == 0 ? name : "images.nchw";
    add("Transpose", transposed, List.of("images.float"), numbers("perm", 0, 3, 1, 2));
    if (offset != 0) {
      perChannel("images.offset", new float[] {offset});
      add("Sub", name, List.of(transposed, "images.offset"));
    }
  }

  /**
   * A convolution of square kernels.
   *
   * @param inputs the map, the weights, and biases if there are any
   */
  public final void convolution(
      String name, List<String> inputs, long kernel, int stride, int padding, int groups) {
    add(
        "Conv",
        name,
        inputs,
        numbers("kernel_shape", kernel, kernel),
        numbers("strides", stride, stride),
        numbers("pads", padding, padding, padding, padding),
        number("group", groups));
  }

  /** The largest of each window. */
  public final void maxPool(String name, String input, int size, int stride) {
    add(
        "MaxPool",
        name,
        List.of(input),
        numbers("kernel_shape", size, size),
        numbers("strides", stride, stride));
  }

  /** Every pixel repeated in a square. */
  public final void upsample(String name, String input, int factor) {
    String scales = name + ".scales";
    constant(scales, new float[] {1, 1, factor, factor}, 4);
    add(
        "Resize",
        name,
        List.of(input, "", scales),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }

  /** Channels of maps of one size, one map after the other. */
  public final void concat(String name, List<String> inputs) {
    add("Concat", name, inputs, number("axis", 1));
  }

  /** A float constant [1, channels, 1, 1]. */
  public final void perChannel(String name, float[] values) {
    constant(name, values, 1, values.length, 1, 1);
  }

  /** A float constant. */
  public final void constant(String name, float[] values, long... dims) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    constant(name, FLOAT, raw, dims);
  }

  /** A list of whole numbers, such as axes. */
  public final void integers(String name, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    constant(name, OnnxMl.TensorProto.DataType.INT64_VALUE, raw, values.length);
  }

  /** A constant as it stands in the file. */
  public final void constant(String name, int type, ByteBuffer raw, long... dims) {
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(raw));
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    proto.addInitializer(tensor);
  }

  /** A node that is called as its output. */
  public final void add(
      String type, String output, List<String> inputs, OnnxMl.AttributeProto... attributes) {
    proto.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setName(output)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  /** A float map as output; the number of photos is its first side, which is not given. */
  public final void output(String name, long... sides) {
    proto.addOutput(info(name, FLOAT, ANY, sides));
  }

  /** The bytes of the file. */
  public byte[] file() {
    return model().build().toByteArray();
  }

  final OnnxMl.ModelProto.Builder model() {
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("popsight")
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(proto);
  }

  /** An attribute of one text. */
  public static OnnxMl.AttributeProto text(String name, String value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** An attribute of one whole number. */
  public static OnnxMl.AttributeProto number(String name, long value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  /** An attribute of one real number. */
  public static OnnxMl.AttributeProto real(String name, float value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  /** An attribute of several whole numbers. */
  public static OnnxMl.AttributeProto numbers(String name, long... values) {
    OnnxMl.AttributeProto.Builder attribute =
        OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static OnnxMl.TensorShapeProto.Dimension side(long length) {
    return OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(length).build();
  }

  private static OnnxMl.ValueInfoProto info(
      String name, int type, OnnxMl.TensorShapeProto.Dimension photos, long... sides) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder().addDim(photos);
    for (long side : sides) {
      shape.addDim(side(side));
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
