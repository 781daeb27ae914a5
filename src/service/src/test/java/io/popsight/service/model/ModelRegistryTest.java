package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {

  @TempDir private Path folder;

  @Test
  void modelOutsideTheSubset_isLeftToTheOtherBackends() throws IOException {
    Files.write(folder.resolve("foreign.onnx"), foreign());

    assertThatThrownBy(() -> ModelRegistry.load(folder, "popcount", "random"))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("'popcount' can run no model");
    try (ModelRegistry models = ModelRegistry.load(folder, "onnx", "random")) {
      assertThat(models.ready()).hasSize(1);
      assertThatThrownBy(() -> models.find("random", "popcount"))
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("extra");
    }
  }

  @Test
  void folderWithoutAModel_isRefused() throws IOException {
    Files.writeString(folder.resolve("text.onnx"), "no model");

    assertThatThrownBy(() -> ModelRegistry.load(folder, "onnx", "random"))
        .isInstanceOf(ModelRefusedException.class);
    assertThatThrownBy(() -> ModelRegistry.load(folder.resolve("none"), "onnx", "random"))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("there is no folder");
  }

  /** A valid graph with one node that popcount does not know. */
  private static byte[] foreign() throws IOException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(5)).toBuilder();
    model
        .getGraphBuilder()
        .addNode(
            OnnxMl.NodeProto.newBuilder()
                .setName("extra")
                .setOpType("Relu")
                .addInput(model.getGraph().getOutput(0).getName())
                .addOutput("extra"));
    byte[] bytes = model.build().toByteArray();
    assertThat(ModelFile.parse(bytes).network()).isInstanceOf(ModelFile.Network.Foreign.class);
    return bytes;
  }
}
