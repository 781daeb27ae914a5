package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import inference.GrpcPredictV2.ModelInferRequest;
import inference.GrpcPredictV2.ModelInferResponse;
import inference.GrpcPredictV2.ModelMetadataRequest;
import inference.GrpcPredictV2.ModelMetadataResponse;
import inference.GrpcPredictV2.ModelReadyRequest;
import inference.GrpcPredictV2.ModelReadyResponse;
import inference.GrpcPredictV2.ServerReadyRequest;
import inference.GrpcPredictV2.ServerReadyResponse;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The Open Inference Protocol as a client that is not ours speaks it: Apache Camel's KServe
 * component, with its own stubs.
 */
class CamelKServeIT extends OverGrpc {

  private static final String CELLS = "popsight-cells";

  private final CamelContext camel = new DefaultCamelContext();
  private final ProducerTemplate template = camel.createProducerTemplate();

  @BeforeEach
  void start() {
    camel.start();
  }

  @AfterEach
  void stop() {
    camel.stop();
  }

  private <T> T ask(String api, Object request, Class<T> answer) {
    return template.requestBody(
        "kserve:%s?target=localhost:%d&modelName=%s".formatted(api, port(), CELLS),
        request,
        answer);
  }

  private static ModelInferRequest photo(byte[] photo) {
    ByteBuffer prefixed = ByteBuffer.allocate(4 + photo.length).order(ByteOrder.LITTLE_ENDIAN);
    return ModelInferRequest.newBuilder()
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("image")
                .setDatatype("BYTES")
                .addShape(1))
        .addRawInputContents(ByteString.copyFrom(prefixed.putInt(photo.length).put(photo).flip()))
        .build();
  }

  @Test
  void serverAndModel_areReadyAndDescribed() {
    ServerReadyResponse server =
        ask("server/ready", ServerReadyRequest.getDefaultInstance(), ServerReadyResponse.class);
    ModelReadyResponse model =
        ask("model/ready", ModelReadyRequest.getDefaultInstance(), ModelReadyResponse.class);
    ModelMetadataResponse metadata =
        ask(
            "model/metadata",
            ModelMetadataRequest.getDefaultInstance(),
            ModelMetadataResponse.class);

    assertThat(server.getReady()).isTrue();
    assertThat(model.getReady()).isTrue();
    assertThat(metadata.getName()).isEqualTo(CELLS);
    assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("BYTES");
  }

  @Test
  void photo_isAnsweredWithItsDetections() {
    ModelInferResponse answer = ask("infer", photo(TestPhotos.cells()), ModelInferResponse.class);

    assertThat(answer.getModelName()).isEqualTo(CELLS);
    assertThat(answer.getOutputs(0).getName()).isEqualTo("boxes");
    assertThat(answer.getOutputs(0).getShapeList()).hasSize(3).startsWith(1L).endsWith(4L);
    long found = answer.getOutputs(0).getShape(1);
    assertThat(found).isGreaterThan(1);
    assertThat(answer.getRawOutputContents(0).size()).isEqualTo(4 * found * Float.BYTES);
  }

  @Test
  void bytesThatAreNoPhoto_areRefusedInTheProtocolsForm() {
    assertThatThrownBy(() -> ask("infer", photo(new byte[100]), ModelInferResponse.class))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseInstanceOf(StatusRuntimeException.class)
        .rootCause()
        .hasMessageStartingWith("INVALID_ARGUMENT");
  }
}
