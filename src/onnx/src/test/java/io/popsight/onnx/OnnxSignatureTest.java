package io.popsight.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.backend.BackendSettings;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file whose metadata and graph disagree is refused before a photo is read wrongly. */
class OnnxSignatureTest {

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "\"inputHeight\":[0-9]+; \"inputHeight\":99; input 'images' of the graph is",
        "\"stride\":8; \"stride\":24; no output 'sum_24', which the metadata declares",
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
}
