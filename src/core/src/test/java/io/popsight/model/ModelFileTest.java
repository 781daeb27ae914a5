package io.popsight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.Shortened;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFileTest {

  private final byte[] good = RandomModels.file(245);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void read_whatWasWritten(long seed) {
    byte[] bytes = RandomModels.file(seed);
    ModelFile file = ModelFile.parse(bytes);

    assertThat(file.network()).isInstanceOf(ModelFile.Network.Typed.class);
    ModelGraph graph = ((ModelFile.Network.Typed) file.network()).graph();
    assertThat(OnnxGraphWriter.write(graph, file.metadata())).isEqualTo(bytes);
  }

  @Test
  void truncatedAtEveryLength_isRefusedOrForeign() {
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ModelFile.parse(cut))
          .as("length %d", length)
          .isInstanceOf(ModelRefusedException.class);
    }
  }

  @Test
  void flippedBytes_neverEscapeTheRefusal() {
    for (int i = 0; i < good.length; i += 3) {
      byte[] broken = good.clone();
      broken[i] ^= (byte) 0x55;
      try {
        ModelFile.parse(broken);
      } catch (ModelRefusedException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void hugeDeclaredSize_isRefusedBeforeAllocation() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    int weights = 0;
    while (model.getGraph().getInitializer(weights).getDimsCount() != 4
        || model.getGraph().getInitializer(weights).getDataType()
            != OnnxMl.TensorProto.DataType.INT8_VALUE) {
      weights++;
    }
    model.getGraphBuilder().getInitializerBuilder(weights).setDims(0, 4_000_000_000L);

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(file.network()).isInstanceOf(ModelFile.Network.Foreign.class);
    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .contains("initializer 'layer0.sum.weights'")
        .contains("4000000000");
  }

  /** What a file that may not be read has for a message is its path alone. */
  @Test
  void unreadable_isToldWithItsKind(@TempDir Path folder) {
    assertThatThrownBy(() -> ModelFile.read(folder))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageStartingWith("cannot read %s: java.", folder);
  }

  @Test
  void wrongMetadata_namesTheField() throws InvalidProtocolBufferException {
    assertRefused("\"inputHeight\":", "\"inputHeight\":99999,\"x\":", "metadata: ");
    assertRefused(
        "\"format\":1", "\"format\":2", "format 2; this version of Popsight reads format 1");
    assertRefused("\"minScore\":0.3", "\"minScore\":3", "minScore 3.0");
    assertRefused("\"name\":\"random\"", "\"name\":\"../up\"", "name '../up'");
  }

  @Test
  void foreignOperator_isNamed() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    int last = model.getGraph().getNodeCount() - 1;
    model.getGraphBuilder().getNodeBuilder(last).setOpType("Softmax");

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .contains("(Softmax): the operator is outside the subset");
  }

  @Test
  void inputOfAnotherName_isForeign() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    model.getGraphBuilder().getInputBuilder(0).setName("pixels");

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .contains("the input is called 'pixels', not 'images'");
  }

  /** Each map is within its own bound; a word and a count a pixel make gigabytes of all of them. */
  @Test
  void manyLargeMapsOfSpikes_areRefused() {
    int side = 2048;
    byte[] values = new byte[3];
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node.Pixels("photo", new Shape(3, side, side), 0));
    nodes.add(new Node.Convolution("sum", "photo", new Weights(1, 3, 1, values), 1, 0));
    nodes.add(new Node.Spikes("fired", "sum", new int[] {1}));
    nodes.add(new Node.Upsample("map0", "fired", 2));
    for (int i = 1; i < 20; i++) {
      nodes.add(new Node.OrPool("map" + i, "map" + (i - 1), 1, 1));
    }

    assertThatThrownBy(() -> new ModelGraph(nodes, List.of(), List.of()))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessage("node 'map1': maps of spikes hold over 67108864 words");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "5", "[]", ""})
  void metadataThatAreNoObject_areRefused(String json) throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    model.getMetadataPropsBuilder(0).setValue(json);

    assertThatThrownBy(() -> ModelFile.parse(model.build().toByteArray()))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageStartingWith("metadata: want one JSON object");
  }

  @Test
  void wrongType_isToldByThePathOfTheField() throws InvalidProtocolBufferException {
    assertRefused("\"labels\":[", "\"labels\":[null,", "metadata: labels[0] must be text");
    assertRefused("\"heads\":[", "\"heads\":[null,", "metadata: heads[0] must be an object");
    assertRefused(
        "\"spikeLayers\":[",
        "\"spikeLayers\":[null,",
        "metadata: spikeLayers[0] must be an object");
    assertRefused(
        "\"scale\":[", "\"scale\":[null,", "metadata: heads[0].scale[0] must be a number");
    assertRefused("\"format\":1", "\"format\":[]", "metadata: format must be a whole number");
    assertRefused("\"iou\":", "\"x\":", "metadata: iou must be a number");
  }

  @Test
  void longName_doesNotMakeALongMessage() throws InvalidProtocolBufferException {
    assertRefused("\"name\":\"random\"", longName(), "name 'xxx");
    assertRefused("\"name\":\"random\"", longName(), "xxx' must be letters, digits, '.', '-', '_'");
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    model.getGraphBuilder().getNodeBuilder(1).setName("x".repeat(5_000_000)).setOpType("Softmax");

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .endsWith("x' (Softmax): the operator is outside the subset")
        .hasSizeLessThanOrEqualTo(Shortened.MOST_BYTES);
  }

  private static String longName() {
    return "\"name\":\"" + "x".repeat(5_000_000) + "\"";
  }

  @Test
  void tooManyNodes_areNotRead() throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    for (int i = model.getGraph().getNodeCount(); i <= 10_000; i++) {
      model.getGraphBuilder().addNode(OnnxMl.NodeProto.getDefaultInstance());
    }

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(((ModelFile.Network.Foreign) file.network()).reason())
        .isEqualTo("the graph has 10001 nodes; at most 10000");
  }

  @Test
  void longRowOfMaps_isRefused() {
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node.Pixels("photo", new Shape(3, 8, 8), 0));
    nodes.add(new Node.Convolution("sum", "photo", new Weights(1, 3, 1, new byte[3]), 1, 0));
    nodes.add(new Node.Spikes("map1", "sum", new int[] {1}));
    for (int i = 2; i <= 101; i++) {
      nodes.add(new Node.Upsample("map" + i, "map" + (i - 1), 1));
    }

    assertThat(new ModelGraph(nodes.subList(0, 102), List.of(), List.of()).nodes()).hasSize(102);
    assertThatThrownBy(() -> new ModelGraph(nodes, List.of(), List.of()))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessage("node 'map101': over 100 maps of spikes are made of each other");
  }

  private void assertRefused(String text, String by, String message)
      throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    String json = model.getMetadataProps(0).getValue();
    assertThat(json).contains(text);
    model.getMetadataPropsBuilder(0).setValue(json.replaceFirst(Pattern.quote(text), by));
    assertThatThrownBy(() -> ModelFile.parse(model.build().toByteArray()))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining(message)
        .satisfies(
            refused ->
                assertThat(refused.getMessage()).hasSizeLessThanOrEqualTo(Shortened.MOST_BYTES));
  }
}
