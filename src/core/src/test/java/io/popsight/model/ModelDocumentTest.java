package io.popsight.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Who writes a file by MODEL.md has one that is read. */
class ModelDocumentTest {

  private static final Pattern JSON = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  @Test
  void metadata_haveAllFieldsAndNoOther() throws IOException {
    Matcher block = JSON.matcher(document());
    assertThat(block.find()).isTrue();

    ModelMetadata metadata = MetadataJson.read(block.group(1));

    JsonMapper json = new JsonMapper();
    assertThat(json.readTree(MetadataJson.write(metadata)).propertyNames())
        .containsExactlyElementsOf(json.readTree(block.group(1)).propertyNames());
    assertThat(document())
        .contains(ModelMetadata.WHOLE_PHOTO)
        .contains("`" + MetadataJson.KEY + "`");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void operators_areNamed(long seed) throws IOException {
    OnnxMl.ModelProto written = OnnxMl.ModelProto.parseFrom(RandomModels.file(seed));

    assertThat(written.getGraph().getNodeList())
        .allSatisfy(node -> assertThat(document()).contains("`" + node.getOpType() + "`"));
  }

  private static String document() throws IOException {
    return Files.readString(Path.of("MODEL.md"));
  }
}
