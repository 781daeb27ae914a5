package io.popsight.service.oip;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The answer over HTTP.
 *
 * @param body JSON, raw tensors behind it
 * @param jsonLength bytes of JSON
 * @param binary whether an output is raw, be it empty
 */
record InferResponse(byte[] body, int jsonLength, boolean binary) {

  static InferResponse of(ModelView view, InferBody asked, InferenceAnswer answer) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = InferJson.JSON.createGenerator(ObjectWriteContext.empty(), body)) {
      json.writeStartObject();
      json.writeStringProperty("model_name", view.name());
      json.writeStringProperty("model_version", view.metadata().version());
      asked.id().ifPresent(id -> json.writeStringProperty("id", id));
      json.writeArrayPropertyStart("outputs");
      answer.outputs().forEach(tensor -> write(tensor, asked.binary(), json));
      json.writeEndArray();
      json.writeEndObject();
    }
    int jsonLength = body.size();
    for (Tensor tensor : answer.outputs()) {
      if (asked.binary().contains(tensor.name())) {
        ByteBuffer data = tensor.data();
        body.write(data.array(), data.arrayOffset(), data.limit());
      }
    }
    boolean binary = answer.outputs().stream().anyMatch(o -> asked.binary().contains(o.name()));
    return new InferResponse(body.toByteArray(), jsonLength, binary);
  }

  private static void write(Tensor tensor, Set<String> binary, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("name", tensor.name());
    json.writeStringProperty("datatype", tensor.datatype().name());
    json.writeArrayPropertyStart("shape");
    tensor.shape().forEach(json::writeNumber);
    json.writeEndArray();
    if (binary.contains(tensor.name())) {
      json.writeObjectPropertyStart("parameters");
      json.writeNumberProperty("binary_data_size", tensor.data().limit());
      json.writeEndObject();
    } else {
      json.writeName("data");
      JsonData.write(tensor, json);
    }
    json.writeEndObject();
  }
}
