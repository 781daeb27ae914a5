package io.popsight.service.oip;

import static io.popsight.service.desk.RefusedException.invalid;

import com.google.protobuf.ByteString;
import io.popsight.inference.v2.InferParameter;
import io.popsight.inference.v2.InferTensorContents;
import io.popsight.inference.v2.ModelInferRequest;
import io.popsight.inference.v2.ModelInferRequest.InferInputTensor;
import io.popsight.inference.v2.ModelInferRequest.InferRequestedOutputTensor;
import io.popsight.inference.v2.ModelInferResponse;
import io.popsight.inference.v2.ModelInferResponse.InferOutputTensor;
import io.popsight.service.desk.RefusedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between gRPC's messages and requests and answers. */
final class OipMessages {

  private OipMessages() {}

  /**
   * Reads a request against a view.
   *
   * @throws RefusedException if it is not what the protocol or the view says
   */
  static InferenceRequest request(ModelView view, ModelInferRequest message) {
    boolean raw = message.getRawInputContentsCount() > 0;
    if (raw && message.getRawInputContentsCount() != message.getInputsCount()) {
      throw invalid(
          "%d raw_input_contents for %d inputs; it is all or nothing",
          message.getRawInputContentsCount(), message.getInputsCount());
    }
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < message.getInputsCount(); i++) {
      InferInputTensor input = message.getInputs(i);
      TensorSpec spec = view.input(input.getName());
      spec.check(input.getDatatype(), input.getShapeList());
      InferenceRequest.requireSupported(input.getName(), input.getParametersMap().keySet());
      if (raw && input.hasContents()) {
        throw invalid("input '%s' has contents beside raw_input_contents", input.getName());
      }
      inputs.add(
          InferBody.raw(
              spec,
              input.getShapeList(),
              raw
                  ? message.getRawInputContents(i).asReadOnlyByteBuffer()
                  : typed(spec, input.getContents())));
    }
    for (InferRequestedOutputTensor output : message.getOutputsList()) {
      InferenceRequest.requireSupported(output.getName(), output.getParametersMap().keySet());
    }
    return new InferenceRequest(
        parameters(message.getParametersMap()),
        inputs,
        message.getOutputsList().stream().map(InferRequestedOutputTensor::getName).toList());
  }

  private static ByteBuffer typed(TensorSpec spec, InferTensorContents contents) {
    return switch (spec.datatype()) {
      case BYTES ->
          Tensor.bytes(
                  spec.name(),
                  List.of(),
                  contents.getBytesContentsList().stream().map(ByteString::toByteArray).toList())
              .data();
      case UINT8 -> {
        ByteBuffer data = Tensor.buffer(contents.getUintContentsCount());
        contents.getUintContentsList().forEach(value -> data.put((byte) pixel(spec, value)));
        yield data.flip();
      }
      case INT64 -> {
        ByteBuffer data = Tensor.buffer(contents.getInt64ContentsCount() * Long.BYTES);
        contents.getInt64ContentsList().forEach(data::putLong);
        yield data.flip();
      }
      case FP32 -> {
        ByteBuffer data = Tensor.buffer(contents.getFp32ContentsCount() * Float.BYTES);
        contents.getFp32ContentsList().forEach(data::putFloat);
        yield data.flip();
      }
    };
  }

  private static int pixel(TensorSpec spec, int value) {
    if (value < 0 || value > 255) {
      throw invalid(
          "input '%s': values must be in 0..255, got %d",
          spec.name(), Integer.toUnsignedLong(value));
    }
    return value;
  }

  private static Map<String, Object> parameters(Map<String, InferParameter> parameters) {
    Map<String, Object> read = new LinkedHashMap<>();
    parameters.forEach((name, value) -> read.put(name, value(name, value)));
    return read;
  }

  private static Object value(String name, InferParameter value) {
    return switch (value.getParameterChoiceCase()) {
      case BOOL_PARAM -> value.getBoolParam();
      case INT64_PARAM -> value.getInt64Param();
      case STRING_PARAM -> value.getStringParam();
      case DOUBLE_PARAM -> value.getDoubleParam();
      case UINT64_PARAM -> value.getUint64Param();
      case PARAMETERCHOICE_NOT_SET -> throw invalid("parameter %s has no value", name);
    };
  }

  /** The answer, in the form that the inputs had: raw or typed. */
  static ModelInferResponse response(
      ModelView view, ModelInferRequest asked, InferenceAnswer answer) {
    ModelInferResponse.Builder response =
        ModelInferResponse.newBuilder()
            .setModelName(view.name())
            .setModelVersion(view.metadata().version())
            .setId(asked.getId());
    boolean raw = asked.getRawInputContentsCount() > 0;
    for (Tensor tensor : answer.outputs()) {
      InferOutputTensor.Builder output =
          response
              .addOutputsBuilder()
              .setName(tensor.name())
              .setDatatype(tensor.datatype().name())
              .addAllShape(tensor.shape());
      if (raw) {
        response.addRawOutputContents(ByteString.copyFrom(tensor.data().duplicate()));
      } else {
        output.setContents(contents(tensor));
      }
    }
    return response.build();
  }

  private static InferTensorContents contents(Tensor tensor) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    ByteBuffer data = tensor.data().duplicate().order(tensor.data().order());
    while (data.hasRemaining()) {
      switch (tensor.datatype()) {
        case UINT8 -> contents.addUintContents(Byte.toUnsignedInt(data.get()));
        case INT64 -> contents.addInt64Contents(data.getLong());
        case FP32 -> contents.addFp32Contents(data.getFloat());
        case BYTES -> throw new IllegalStateException("no view answers with bytes");
      }
    }
    return contents.build();
  }
}
