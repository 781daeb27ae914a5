package io.popsight.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A graph that another tool has written or saved again is the graph that it was. */
class OtherWritersTest {

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void anotherSpelling_isTheSameGraph(long seed) throws Exception {
    OnnxMl.ModelProto written = OnnxMl.ModelProto.parseFrom(RandomModels.file(seed));
    ModelGraph graph = typed(written);

    OnnxMl.ModelProto.Builder fields = written.toBuilder();
    fields
        .getGraphBuilder()
        .getInitializerBuilderList()
        .forEach(OtherWritersTest::intoFieldOfItsType);
    same(graph, fields.build());
    same(graph, withConstantNodes(written));
    same(graph, withOperandsTurned(written));
    same(graph, withConstantsAsInputs(written));
    same(graph, withCastsFolded(written));
  }

  @Test
  void valuesInAnotherFile_areSaid() throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    model
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL);

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .contains("initializer '")
        .contains("its values are in a file beside; want them in this one");
  }

  private static ModelGraph typed(OnnxMl.ModelProto model) {
    ModelFile file = ModelFile.parse(model.toByteArray());
    assertThat(file.network()).isInstanceOf(ModelFile.Network.Typed.class);
    return ((ModelFile.Network.Typed) file.network()).graph();
  }

  private static void same(ModelGraph graph, OnnxMl.ModelProto model) throws Exception {
    ModelMetadata metadata = ModelFile.parse(model.toByteArray()).metadata();
    assertThat(OnnxGraphWriter.write(typed(model), metadata))
        .isEqualTo(OnnxGraphWriter.write(graph, metadata));
  }

  /** As {@code onnx.helper.make_tensor} does. */
  private static void intoFieldOfItsType(OnnxMl.TensorProto.Builder tensor) {
    ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    tensor.clearRawData();
    while (raw.hasRemaining()) {
      switch (OnnxMl.TensorProto.DataType.forNumber(tensor.getDataType())) {
        case INT8 -> tensor.addInt32Data(raw.get());
        case FLOAT -> tensor.addFloatData(raw.getFloat());
        case DOUBLE -> tensor.addDoubleData(raw.getDouble());
        case INT64 -> tensor.addInt64Data(raw.getLong());
        case null, default -> throw new AssertionError(tensor.getDataType());
      }
    }
    assertThat(tensor.getRawData()).isEqualTo(ByteString.EMPTY);
  }

  private static OnnxMl.ModelProto withConstantNodes(OnnxMl.ModelProto written) {
    OnnxMl.ModelProto.Builder model = written.toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder().clearInitializer().clearNode();
    for (OnnxMl.TensorProto tensor : written.getGraph().getInitializerList()) {
      graph.addNode(
          OnnxMl.NodeProto.newBuilder()
              .setOpType("Constant")
              .addOutput(tensor.getName())
              .addAttribute(OnnxMl.AttributeProto.newBuilder().setName("value").setT(tensor)));
    }
    graph.addAllNode(written.getGraph().getNodeList());
    return model.build();
  }

  private static OnnxMl.ModelProto withOperandsTurned(OnnxMl.ModelProto written) {
    OnnxMl.ModelProto.Builder model = written.toBuilder();
    for (OnnxMl.NodeProto.Builder node : model.getGraphBuilder().getNodeBuilderList()) {
      if (List.of("Mul", "Add").contains(node.getOpType())) {
        String first = node.getInput(0);
        node.setInput(0, node.getInput(1)).setInput(1, first);
      }
    }
    return model.build();
  }

  /** As files before version 4 of ONNX's format. */
  private static OnnxMl.ModelProto withConstantsAsInputs(OnnxMl.ModelProto written) {
    OnnxMl.ModelProto.Builder model = written.toBuilder();
    for (OnnxMl.TensorProto tensor : written.getGraph().getInitializerList()) {
      model
          .getGraphBuilder()
          .addInput(0, OnnxMl.ValueInfoProto.newBuilder().setName(tensor.getName()));
    }
    return model.build();
  }

  /**
   * As ONNX Runtime saves an optimised graph. One output channel looks like a constant a channel.
   */
  private static OnnxMl.ModelProto withCastsFolded(OnnxMl.ModelProto written) {
    OnnxMl.ModelProto.Builder model = written.toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder().clearNode();
    Map<String, OnnxMl.TensorProto.Builder> weights = new HashMap<>();
    for (OnnxMl.TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (tensor.getDataType() == OnnxMl.TensorProto.DataType.INT8_VALUE && tensor.getDims(0) > 1) {
        weights.put(tensor.getName(), tensor);
      }
    }
    for (OnnxMl.NodeProto node : written.getGraph().getNodeList()) {
      OnnxMl.TensorProto.Builder tensor = weights.get(node.getInput(0));
      if (tensor == null) {
        graph.addNode(node);
        continue;
      }
      byte[] values = tensor.getRawData().toByteArray();
      tensor
          .setName(node.getOutput(0))
          .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
          .clearRawData();
      for (byte value : values) {
        tensor.addFloatData(value);
      }
    }
    return model.build();
  }
}
