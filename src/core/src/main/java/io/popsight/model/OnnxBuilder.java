package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model file under construction: what every Popsight file has in common, whatever its layers
 * compute. Whoever has made the maps of the heads and of the spike layers ends with {@link #heads},
 * {@link #counts} and {@link #file}.
 */
public final class OnnxBuilder {

  static final int FLOAT = OnnxMl.TensorProto.DataType.FLOAT_VALUE;
  static final int DOUBLE = OnnxMl.TensorProto.DataType.DOUBLE_VALUE;

  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;

  private final ModelMetadata metadata;
  private final OnnxMl.GraphProto.Builder proto = OnnxMl.GraphProto.newBuilder();

  /** Tensors of weights in the file: steps of an unrolled network share them. */
  private final IdentityHashMap<Weights, String> weightsInFile = new IdentityHashMap<>();

  /** An empty graph with its input, {@code images}. */
  public OnnxBuilder(ModelMetadata metadata) {
    this.metadata = metadata;
    proto.setName(metadata.name());
    proto.addInput(
        info(
            "images",
            OnnxMl.TensorProto.DataType.UINT8_VALUE,
            metadata.inputHeight(),
            metadata.inputWidth(),
            3));
  }

  /** The photo as floats [N, 3, rows, columns], {@code pixel - offset}. */
  public void photo(String name, int offset) {
    add("Cast", "images.float", List.of("images"), number("to", FLOAT));
    String transposed = offset == 0 ? name : "images.nchw";
    add("Transpose", transposed, List.of("images.float"), numbers("perm", 0, 3, 1, 2));
    if (offset != 0) {
      perChannel("images.offset", new float[] {offset});
      add("Sub", name, List.of(transposed, "images.offset"));
    }
  }

  /** A convolution whose weights are int8 in the file. */
  public void convolution(
      String name, String input, Weights weights, int stride, int padding, int groups) {
    String floats =
        weightsInFile.computeIfAbsent(weights, _ -> weights(name + ".weights", weights));
    convolution(name, List.of(input, floats), weights.kernel(), stride, padding, groups);
  }

  private String weights(String ints, Weights weights) {
    long k = weights.kernel();
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(ints)
            .setDataType(OnnxMl.TensorProto.DataType.INT8_VALUE)
            .addAllDims(List.of((long) weights.outChannels(), (long) weights.inChannels(), k, k))
            .setRawData(ByteString.copyFrom(weights.toArray())));
    add("Cast", ints + ".float", List.of(ints), number("to", FLOAT));
    return ints + ".float";
  }

  /**
   * A convolution of square kernels.
   *
   * @param inputs the map, the weights, and biases if there are any
   */
  public void convolution(
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

  /** Ones where a map reaches its channel's threshold. */
  public void spikes(String name, String input, float[] thresholds) {
    perChannel(name + ".thresholds", thresholds);
    add("GreaterOrEqual", name + ".bool", List.of(input, name + ".thresholds"));
    add("Cast", name, List.of(name + ".bool"), number("to", FLOAT));
  }

  /**
   * A membrane, in doubles: whole numbers below 2^53 are exact in them, and so is their product
   * with a leak.
   *
   * @param reset thresholds of the spikes that are taken off the previous membrane; empty for none
   */
  public void membrane(Node.Membrane membrane, int[] reset) {
    String name = membrane.name();
    add("Cast", name + ".wide", List.of(membrane.input()), number("to", DOUBLE));
    doubles(name + ".unit", new double[] {1 << membrane.shift()});
    doubles(name + ".offsets", IntStream.of(membrane.offsets()).asDoubleStream().toArray());
    add("Mul", name + ".scaled", List.of(name + ".wide", name + ".unit"));
    String moved = membrane.previous().isPresent() ? name + ".moved" : name;
    add("Add", moved, List.of(name + ".scaled", name + ".offsets"));
    if (membrane.previous().isPresent()) {
      String previous = membrane.previous().get();
      if (membrane.reset().isPresent()) {
        add("Cast", name + ".fired", membrane.reset().stream().toList(), number("to", DOUBLE));
        doubles(name + ".resets", IntStream.of(reset).asDoubleStream().toArray());
        add("Mul", name + ".taken", List.of(name + ".fired", name + ".resets"));
        add("Sub", name + ".left", List.of(previous, name + ".taken"));
        previous = name + ".left";
      }
      doubles(name + ".leak", new double[] {(double) membrane.leak() / Node.Membrane.WHOLE});
      add("Mul", name + ".leaking", List.of(previous, name + ".leak"));
      add("Floor", name + ".kept", List.of(name + ".leaking"));
      add("Add", name, List.of(name + ".kept", moved));
    }
  }

  /** Ones where a membrane reaches its channel's threshold. */
  public void spikesOfMembrane(String name, String membrane, int[] thresholds) {
    doubles(name + ".thresholds", IntStream.of(thresholds).asDoubleStream().toArray());
    add("GreaterOrEqual", name + ".bool", List.of(membrane, name + ".thresholds"));
    add("Cast", name, List.of(name + ".bool"), number("to", FLOAT));
  }

  /** A double constant [1, channels, 1, 1]. */
  private void doubles(String name, double[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asDoubleBuffer().put(values);
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(DOUBLE)
            .addAllDims(List.of(1L, (long) values.length, 1L, 1L))
            .setRawData(ByteString.copyFrom(raw)));
  }

  /** The largest of each window. */
  public void maxPool(String name, String input, int size, int stride) {
    add(
        "MaxPool",
        name,
        List.of(input),
        numbers("kernel_shape", size, size),
        numbers("strides", stride, stride));
  }

  /** Every pixel repeated in a square. */
  public void upsample(String name, String input, int factor) {
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
  public void concat(String name, List<String> inputs) {
    add("Concat", name, inputs, number("axis", 1));
  }

  /** The sums of all heads as outputs, and their scaled values for other readers of the file. */
  public void heads() {
    for (HeadMap head : metadata.heads()) {
      String sums = head.sumOutput();
      perChannel(head.valueOutput() + ".scale", head.scale());
      perChannel(head.valueOutput() + ".bias", head.bias());
      add("Mul", head.valueOutput() + ".scaled", List.of(sums, head.valueOutput() + ".scale"));
      add(
          "Add",
          head.valueOutput(),
          List.of(head.valueOutput() + ".scaled", head.valueOutput() + ".bias"));
      proto.addOutput(info(sums, FLOAT, head.channels(), head.rows(), head.columns()));
      proto.addOutput(
          info(head.valueOutput(), FLOAT, head.channels(), head.rows(), head.columns()));
    }
  }

  /**
   * The number of ones of each spike layer as outputs.
   *
   * @param maps names of maps of zeros and ones, in the metadata's order
   */
  public void counts(List<String> maps) {
    if (maps.isEmpty()) {
      return;
    }
    integers("spikes.axes", 1, 2, 3);
    for (int l = 0; l < maps.size(); l++) {
      String count = metadata.spikeLayers().get(l).countOutput();
      add("ReduceSum", count, List.of(maps.get(l), "spikes.axes"), number("keepdims", 0));
      proto.addOutput(info(count, FLOAT));
    }
  }

  /** A float constant [1, channels, 1, 1]. */
  public void perChannel(String name, float[] values) {
    constant(name, values, 1, values.length, 1, 1);
  }

  /** A float constant. */
  public void constant(String name, float[] values, long... dims) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(FLOAT)
            .setRawData(ByteString.copyFrom(raw));
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    proto.addInitializer(tensor);
  }

  /** A list of whole numbers, such as axes. */
  public void integers(String name, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxMl.TensorProto.DataType.INT64_VALUE)
            .addDims(values.length)
            .setRawData(ByteString.copyFrom(raw)));
  }

  /** A node that is called as its output. */
  public void add(
      String type, String output, List<String> inputs, OnnxMl.AttributeProto... attributes) {
    proto.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setName(output)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  /** The bytes of the file. */
  public byte[] file() {
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("popsight")
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(proto)
        .addMetadataProps(
            OnnxMl.StringStringEntryProto.newBuilder()
                .setKey(MetadataJson.KEY)
                .setValue(MetadataJson.write(metadata)))
        .build()
        .toByteArray();
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

  private static OnnxMl.ValueInfoProto info(String name, int type, long... sides) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
    for (long side : sides) {
      shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(side));
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
