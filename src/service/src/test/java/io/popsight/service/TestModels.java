package io.popsight.service;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.OnnxGraphWriter;
import io.popsight.model.RandomModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A folder of small random models with everything in it that a folder can have. */
public final class TestModels {

  /** Of the shipped popsight-cells. */
  static final String CELLS_VERSION =
      ModelFile.read(Path.of("../../models/popsight-cells.onnx")).metadata().version();

  private TestModels() {}

  /**
   * {@code alpha} in versions 1.9 and 1.10, {@code beta} in a file of its own, and a broken file.
   */
  static Path folder() {
    try {
      Path folder = Files.createTempDirectory("popsight-models");
      Path alpha = Files.createDirectory(folder.resolve("alpha"));
      Files.write(alpha.resolve("1.9.onnx"), named("alpha", "1.9", 11));
      Files.write(alpha.resolve("1.10.onnx"), named("alpha", "1.10", 12));
      Files.write(folder.resolve("beta.onnx"), named("beta", "1", 13));
      byte[] cut = named("gamma", "1", 14);
      Files.write(folder.resolve("gamma.onnx"), Arrays.copyOf(cut, cut.length / 2));
      Files.writeString(folder.resolve("beta.md"), "a model card is no model");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A random model under a name. */
  public static byte[] named(String name, String version, long seed) {
    ModelFile file = ModelFile.parse(RandomModels.file(seed));
    ModelMetadata m = file.metadata();
    ModelMetadata renamed =
        new ModelMetadata(
            m.format(),
            name,
            version,
            m.labels(),
            m.inputHeight(),
            m.inputWidth(),
            m.headType(),
            m.heads(),
            m.spikeLayers(),
            m.minScore(),
            m.iou(),
            m.training());
    if (file.network() instanceof ModelFile.Network.Typed(ModelGraph graph)) {
      return OnnxGraphWriter.write(graph, renamed);
    }
    throw new IllegalStateException("random models are inside the subset");
  }

  /** A file whose integer weights are written as floats, those of the stem halved: no integers. */
  static byte[] withFloatWeights(byte[] file) throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(file).toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    Map<String, OnnxMl.TensorProto> constants = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (int n = graph.getNodeCount() - 1; n >= 0; n--) {
      OnnxMl.NodeProto node = graph.getNode(n);
      OnnxMl.TensorProto weights = constants.get(node.getInput(0));
      if (weights != null && node.getOpType().equals("Cast")) {
        graph.removeNode(n);
        constants.remove(weights.getName());
        constants.put(node.getOutput(0), floats(weights, node.getOutput(0)));
      }
    }
    graph.clearInitializer().addAllInitializer(constants.values());
    return model.build().toByteArray();
  }

  private static OnnxMl.TensorProto floats(OnnxMl.TensorProto weights, String name) {
    OnnxMl.TensorProto.Builder floats =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .addAllDims(weights.getDimsList());
    boolean stem = weights.getDims(1) == 3;
    for (byte value : weights.getRawData()) {
      floats.addFloatData(stem ? value / 2f : value);
    }
    return floats.build();
  }
}
