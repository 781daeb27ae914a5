package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes a typed graph as an ONNX file that any ONNX runtime executes with the same integers. */
public final class OnnxGraphWriter {

  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;
  private static final int FLOAT = OnnxMl.TensorProto.DataType.FLOAT_VALUE;

  private final ModelGraph graph;
  private final ModelMetadata metadata;
  private final OnnxMl.GraphProto.Builder proto = OnnxMl.GraphProto.newBuilder();

  private OnnxGraphWriter(ModelGraph graph, ModelMetadata metadata) {
    this.graph = graph;
    this.metadata = metadata;
  }

  /** The bytes of a model file. */
  public static byte[] write(ModelGraph graph, ModelMetadata metadata) {
    return new OnnxGraphWriter(graph, metadata).model().toByteArray();
  }

  private OnnxMl.ModelProto model() {
    proto.setName(metadata.name());
    proto.addInput(
        info(
            "images",
            OnnxMl.TensorProto.DataType.UINT8_VALUE,
            metadata.inputHeight(),
            metadata.inputWidth(),
            3));
    for (Node node : graph.nodes()) {
      switch (node) {
        case Node.Pixels pixels -> pixels(pixels);
        case Node.Convolution convolution -> convolution(convolution);
        case Node.Stream stream -> stream(stream);
        case Node.Spikes spikes -> spikes(spikes);
        case Node.OrPool pool -> pool(pool);
        case Node.Upsample upsample -> upsample(upsample);
        case Node.Concat concat -> add("Concat", concat.name(), concat.inputs(), number("axis", 1));
      }
    }
    heads();
    counts();
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("popsight")
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(proto)
        .addMetadataProps(
            OnnxMl.StringStringEntryProto.newBuilder()
                .setKey(MetadataJson.KEY)
                .setValue(MetadataJson.write(metadata)))
        .build();
  }

  private void pixels(Node.Pixels pixels) {
    add("Cast", "images.float", List.of("images"), number("to", FLOAT));
    boolean offset = pixels.offset() != 0;
    String transposed = offset ? "images.nchw" : pixels.name();
    add("Transpose", transposed, List.of("images.float"), numbers("perm", 0, 3, 1, 2));
    if (offset) {
      constant("images.offset", new float[] {pixels.offset()});
      add("Sub", pixels.name(), List.of(transposed, "images.offset"));
    }
  }

  private void convolution(Node.Convolution convolution) {
    Weights weights = convolution.weights();
    String ints = convolution.name() + ".weights";
    int k = weights.kernel();
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(ints)
            .setDataType(OnnxMl.TensorProto.DataType.INT8_VALUE)
            .addAllDims(
                List.of(
                    (long) weights.outChannels(), (long) weights.inChannels(), (long) k, (long) k))
            .setRawData(ByteString.copyFrom(weights.toArray())));
    add("Cast", ints + ".float", List.of(ints), number("to", FLOAT));
    int s = convolution.stride();
    int p = convolution.padding();
    add(
        "Conv",
        convolution.name(),
        List.of(convolution.input(), ints + ".float"),
        numbers("kernel_shape", k, k),
        numbers("strides", s, s),
        numbers("pads", p, p, p, p));
  }

  private void stream(Node.Stream stream) {
    String name = stream.name();
    constant(name + ".factors", floats(stream.factors()));
    constant(name + ".offsets", floats(stream.offsets()));
    add("Mul", name + ".product", List.of(stream.input(), name + ".factors"));
    String unit = stream.base().isPresent() ? name + ".unit" : name;
    add("Add", unit, List.of(name + ".product", name + ".offsets"));
    stream.base().ifPresent(base -> add("Add", name, List.of(unit, base)));
  }

  private void upsample(Node.Upsample upsample) {
    String scales = upsample.name() + ".scales";
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(scales)
            .setDataType(FLOAT)
            .addDims(4)
            .setRawData(raw(new float[] {1, 1, upsample.factor(), upsample.factor()})));
    add(
        "Resize",
        upsample.name(),
        List.of(upsample.input(), "", scales),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }

  private void spikes(Node.Spikes spikes) {
    constant(spikes.name() + ".thresholds", floats(spikes.thresholds()));
    add(
        "GreaterOrEqual",
        spikes.name() + ".bool",
        List.of(spikes.input(), spikes.name() + ".thresholds"));
    add("Cast", spikes.name(), List.of(spikes.name() + ".bool"), number("to", FLOAT));
  }

  private void pool(Node.OrPool pool) {
    add(
        "MaxPool",
        pool.name(),
        List.of(pool.input()),
        numbers("kernel_shape", pool.size(), pool.size()),
        numbers("strides", pool.stride(), pool.stride()));
  }

  private void heads() {
    for (int h = 0; h < metadata.heads().size(); h++) {
      HeadMap head = metadata.heads().get(h);
      String sums = head.sumOutput();
      if (!graph.heads().get(h).equals(sums)) {
        throw new IllegalArgumentException(
            "head convolution '%s' must be called '%s'".formatted(graph.heads().get(h), sums));
      }
      constant(head.valueOutput() + ".scale", head.scale());
      constant(head.valueOutput() + ".bias", head.bias());
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

  private void counts() {
    if (metadata.spikeLayers().isEmpty()) {
      return;
    }
    ByteBuffer axes = ByteBuffer.allocate(3 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    axes.putLong(1).putLong(2).putLong(3).flip();
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName("spikes.axes")
            .setDataType(OnnxMl.TensorProto.DataType.INT64_VALUE)
            .addDims(3)
            .setRawData(ByteString.copyFrom(axes)));
    for (int l = 0; l < metadata.spikeLayers().size(); l++) {
      String count = metadata.spikeLayers().get(l).countOutput();
      add(
          "ReduceSum",
          count,
          List.of(graph.spikeLayers().get(l), "spikes.axes"),
          number("keepdims", 0));
      proto.addOutput(info(count, FLOAT));
    }
  }

  private static float[] floats(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }

  private static ByteString raw(float[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return ByteString.copyFrom(raw);
  }

  private void constant(String name, float[] perChannel) {
    proto.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(FLOAT)
            .addAllDims(List.of(1L, (long) perChannel.length, 1L, 1L))
            .setRawData(raw(perChannel)));
  }

  private void add(
      String type, String output, List<String> inputs, OnnxMl.AttributeProto... attributes) {
    proto.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setName(output)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  private static OnnxMl.AttributeProto text(String name, String value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  private static OnnxMl.AttributeProto number(String name, long value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static OnnxMl.AttributeProto numbers(String name, long... values) {
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
