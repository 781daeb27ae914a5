package io.popsight.model;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.popsight.JsonMistake;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Metadata as the JSON text that a file's {@code popsight} property holds. */
final class MetadataJson {

  /** Key of the property in the ONNX file. */
  static final String KEY = "popsight";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .changeDefaultNullHandling(_ -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  private MetadataJson() {}

  static String write(ModelMetadata metadata) {
    return JSON.writeValueAsString(metadata);
  }

  static ModelMetadata read(String text) {
    try {
      ModelMetadata metadata = JSON.readValue(text, ModelMetadata.class);
      if (metadata == null) {
        throw new ModelRefusedException("metadata: want one JSON object, not null");
      }
      return metadata;
    } catch (JacksonException e) {
      if (e.getCause() instanceof ModelRefusedException refused) {
        throw refused;
      }
      throw new ModelRefusedException("metadata: " + JsonMistake.of(e), e);
    }
  }
}
