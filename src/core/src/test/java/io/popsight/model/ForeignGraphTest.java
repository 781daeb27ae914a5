package io.popsight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A stem of 4 channels on 8 x 8 pixels, a quarter of whose units fire, pooled to 4 x 4, and a head
 * of 5 channels and 5 x 5 on it, padded by 1, of stride 2: one cell.
 */
class ForeignGraphTest {

  private static final Shape POOLED = new Shape(4, 4, 4);

  private final byte[] good = file();

  @Test
  void convolutions_areCountedAsWorkedOutByHand() {
    List<ForeignGraph.Convolution> found = ForeignGraph.convolutions(ModelFile.parse(good));

    assertThat(found).hasSize(2);
    ForeignGraph.Convolution stem = found.getFirst();
    assertThat(stem.output()).isEqualTo(new Shape(4, 8, 8));
    assertThat(stem.window()).isEqualTo(3);
    assertThat(stem.ofSpikes()).isFalse();
    assertThat(stem.inputRate()).isEqualTo(1);
    assertThat(stem.layers()).containsExactly("stem");
    ForeignGraph.Convolution head = found.getLast();
    assertThat(head.input()).isEqualTo(POOLED);
    assertThat(head.output()).isEqualTo(new Shape(5, 1, 1));
    assertThat(head.window()).isEqualTo(4 * 5 * 5);
    assertThat(head.ofSpikes()).isTrue();
    // Three quarters silent, four pixels: 0.75^4 = 81 / 256 of the windows are.
    assertThat(head.inputRate()).isCloseTo(175 / 256.0, within(1e-12));
  }

  /** Where the constant stands first, the stem counts, too. */
  @Test
  void productWithTheConstantFirst_isAMap() throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    OnnxMl.NodeProto.Builder node =
        model.getGraphBuilder().getNodeBuilderList().stream()
            .filter(n -> n.getOpType().equals("Sub"))
            .findFirst()
            .orElseThrow();
    String photo = node.getInput(0);
    node.setOpType("Mul").setInput(0, node.getInput(1)).setInput(1, photo);

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(file.network()).isInstanceOf(ModelFile.Network.Foreign.class);
    assertThat(ForeignGraph.convolutions(file)).hasSize(2);
  }

  /** As {@code x + f(x)} is written: what the stream was before stands first. */
  @Test
  void spikesOfAStream_areOfTheSumsAddedLast() throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(streams()).toBuilder();
    for (OnnxMl.NodeProto.Builder node : model.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOutput(0).equals("stream2")) {
        String unit = node.getInput(0);
        node.setInput(0, node.getInput(1)).setInput(1, unit);
      }
    }
    model
        .getGraphBuilder()
        .addNode(
            OnnxMl.NodeProto.newBuilder().setOpType("Relu").addInput("sum_8").addOutput("more"));

    ModelFile file = ModelFile.parse(model.build().toByteArray());

    assertThat(file.network()).isInstanceOf(ModelFile.Network.Foreign.class);
    assertThat(ForeignGraph.convolutions(file))
        .extracting(ForeignGraph.Convolution::layers)
        .containsExactly(List.of("stem"), List.of("fires1"), List.of("fires2"), List.of());
  }

  private static byte[] streams() {
    Weights weights = new Weights(4, 4, 1, new byte[16]);
    List<String> layers = List.of("stem", "fires1", "fires2");
    return OnnxGraphWriter.write(
        new ModelGraph(
            List.of(
                new Node.Pixels("photo", new Shape(3, 8, 8), 128),
                new Node.Convolution("stem.sum", "photo", new Weights(4, 3, 1, new byte[12]), 1, 0),
                new Node.Spikes("stem", "stem.sum", new int[4]),
                new Node.Convolution("sum1", "stem", weights, 1, 0),
                new Node.Stream("stream1", "sum1", Optional.empty(), new int[4], new int[4]),
                new Node.Spikes("fires1", "stream1", new int[4]),
                new Node.Convolution("sum2", "fires1", weights, 1, 0),
                new Node.Stream("stream2", "sum2", Optional.of("stream1"), new int[4], new int[4]),
                new Node.Spikes("fires2", "stream2", new int[4]),
                new Node.Convolution("sum_8", "fires2", new Weights(5, 4, 1, new byte[20]), 1, 0)),
            List.of("sum_8"),
            layers),
        metadata(
            8, layers.stream().map(layer -> new SpikeLayer(layer, 4, 8, 8, 768, 0.25)).toList()));
  }

  private static ModelMetadata metadata(int cells, List<SpikeLayer> layers) {
    return new ModelMetadata(
        ModelMetadata.FORMAT,
        "tiny",
        "1",
        List.of("thing"),
        8,
        8,
        ModelMetadata.ANCHOR_FREE,
        List.of(new HeadMap(8, cells, cells, new float[5], new float[5])),
        layers,
        0.3f,
        0.5f,
        new Training("none", "none", 0, 0, "none", 0, 0));
  }

  /** Rounding towards zero makes one window of (8 - 9) / 2 + 1. */
  @Test
  void poolLargerThanItsMap_isRefused() throws Exception {
    assertThatThrownBy(() -> ForeignGraph.convolutions(with("MaxPool", "kernel_shape", 9, 9)))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("(MaxPool): a map of 4x0x0");
  }

  @Test
  void poolWithoutAStep_isRefused() throws Exception {
    assertThatThrownBy(() -> ForeignGraph.convolutions(with("MaxPool", "strides", 0, 0)))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("(MaxPool): window 2, stride 0");
  }

  /** The head's, without padding. */
  @Test
  void kernelLargerThanItsMap_isRefused() throws Exception {
    assertThatThrownBy(() -> ForeignGraph.convolutions(with("Conv", "pads", 0, 0, 0, 0)))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("(Conv): a map of 5x0x0");
  }

  /** The file with another attribute in all nodes of a type. */
  private ModelFile with(String type, String attribute, long... values) throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(good).toBuilder();
    for (OnnxMl.NodeProto.Builder node : model.getGraphBuilder().getNodeBuilderList()) {
      for (OnnxMl.AttributeProto.Builder found : node.getAttributeBuilderList()) {
        if (node.getOpType().equals(type) && found.getName().equals(attribute)) {
          found.clearInts();
          for (long value : values) {
            found.addInts(value);
          }
        }
      }
    }
    ModelFile file = ModelFile.parse(model.build().toByteArray());
    assertThat(file.network()).isInstanceOf(ModelFile.Network.Foreign.class);
    return file;
  }

  private static byte[] file() {
    ModelGraph graph =
        new ModelGraph(
            List.of(
                new Node.Pixels("photo", new Shape(3, 8, 8), 128),
                new Node.Convolution("stem.sum", "photo", new Weights(4, 3, 1, new byte[12]), 1, 0),
                new Node.Spikes("stem", "stem.sum", new int[4]),
                new Node.OrPool("pool", "stem", 2, 2),
                new Node.Convolution("sum_8", "pool", new Weights(5, 4, 5, new byte[500]), 2, 1)),
            List.of("sum_8"),
            List.of("stem"));
    assertThat(graph.shape("pool")).isEqualTo(POOLED);
    return OnnxGraphWriter.write(
        graph, metadata(1, List.of(new SpikeLayer("stem", 4, 8, 8, 768, 0.25))));
  }
}
