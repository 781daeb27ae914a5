package io.popsight.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.backend.BackendSettings;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file whose metadata and graph disagree is refused before a photo is read wrongly. */
class OnnxSignatureTest {

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "\"inputHeight\":[0-9]+; \"inputHeight\":99; input 'images' of the graph is",
        "\"stride\":8; \"stride\":24; no output 'sum_24'; it has [sum_8",
        "\"rows\":; \"rows\":1; output 'sum_8' of the graph is",
      })
  void disagreement_isNamed(String text, String by, String message)
      throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    String json = model.getMetadataProps(0).getValue();
    model.getMetadataPropsBuilder(0).setValue(json.replaceFirst(text, by));
    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThatThrownBy(() -> new OnnxBackend(BackendSettings.DEFAULT).compile(file))
        .as(json)
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining(message);
  }

  /** As somebody's float network has them: cut to integers, they would be wrong without a word. */
  @ParameterizedTest(name = "times {0}")
  @ValueSource(floats = {0.01f, Float.NaN, 1e9f})
  void sumsThatAreNoIntegers_areRefused(float factor) throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    for (OnnxMl.NodeProto.Builder node : graph.getNodeBuilderList()) {
      if (node.getOutput(0).equals("sum_8")) {
        node.setOutput(0, "whole_8");
      }
    }
    graph.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName("factor")
            .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .addFloatData(factor));
    graph.addNode(
        headNode(graph),
        OnnxMl.NodeProto.newBuilder()
            .setOpType("Mul")
            .addInput("whole_8")
            .addInput("factor")
            .addOutput("sum_8"));
    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThatThrownBy(() -> new OnnxBackend(BackendSettings.DEFAULT).compile(file))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageStartingWith("output 'sum_8' is ")
        .hasMessageContaining("whole numbers");
  }

  @Test
  void inputOfAnotherName_isToldBesideTheOneThatIsWanted() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    graph.getInputBuilder(0).setName("pixels");
    graph.getNodeBuilderList().stream()
        .filter(node -> node.getInput(0).equals("images"))
        .forEach(node -> node.setInput(0, "pixels"));
    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThatThrownBy(() -> new OnnxBackend(BackendSettings.DEFAULT).compile(file))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessage("the graph has no input 'images'; it has [pixels]");
  }

  /** Before what reads the sums. */
  private static int headNode(OnnxMl.GraphProto.Builder graph) {
    for (int n = 0; n < graph.getNodeCount(); n++) {
      if (graph.getNode(n).getInputList().contains("sum_8")) {
        return n;
      }
    }
    throw new AssertionError("nothing reads sum_8");
  }

  /** Its outputs have room for one photo, and one is what a run of the service brings. */
  @Test
  void graphOfFourPhotos_isRefused() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    model
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(4);
    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThatThrownBy(() -> new OnnxBackend(BackendSettings.DEFAULT).compile(file))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("Expected: 4");
  }

  /** Where the graph leaves them open, their number is known when it has run. */
  @Test
  void moreSumsThanDeclared_areRefused() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(1)).toBuilder();
    String json = model.getMetadataProps(0).getValue();
    model
        .getMetadataPropsBuilder(0)
        .setValue(json.replaceAll("\"inputHeight\":[0-9]+", "\"inputHeight\":256"));
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    open(graph.getInputBuilder(0), 1);
    for (OnnxMl.ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
      open(output, 2);
    }
    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThatThrownBy(() -> new OnnxBackend(BackendSettings.DEFAULT).compile(file))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("floats, as the metadata says");
  }

  private static void open(OnnxMl.ValueInfoProto.Builder value, int side) {
    OnnxMl.TensorShapeProto.Builder shape =
        value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    if (shape.getDimCount() > side) {
      shape.getDimBuilder(side).setDimParam("rows");
    }
  }
}
