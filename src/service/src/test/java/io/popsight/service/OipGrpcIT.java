package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.popsight.inference.v2.DataType;
import io.popsight.inference.v2.GRPCInferenceServiceGrpc;
import io.popsight.inference.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.popsight.inference.v2.InferParameter;
import io.popsight.inference.v2.InferTensorContents;
import io.popsight.inference.v2.ModelConfig;
import io.popsight.inference.v2.ModelConfigRequest;
import io.popsight.inference.v2.ModelInferRequest;
import io.popsight.inference.v2.ModelInferRequest.InferInputTensor;
import io.popsight.inference.v2.ModelInferResponse;
import io.popsight.inference.v2.ModelMetadataRequest;
import io.popsight.inference.v2.ModelMetadataResponse;
import io.popsight.inference.v2.ModelReadyRequest;
import io.popsight.inference.v2.ModelStatisticsRequest;
import io.popsight.inference.v2.ModelStreamInferResponse;
import io.popsight.inference.v2.RepositoryIndexRequest;
import io.popsight.inference.v2.ServerLiveRequest;
import io.popsight.inference.v2.ServerMetadataRequest;
import io.popsight.inference.v2.ServerReadyRequest;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The Open Inference Protocol over gRPC: raw contents as Triton's clients send, and typed ones. */
class OipGrpcIT extends OverGrpc {

  private static final String CELLS = "popsight-cells";

  @LocalServerPort private int httpPort;

  private GRPCInferenceServiceBlockingStub stub() {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  private static ModelInferRequest.Builder photo() {
    return ModelInferRequest.newBuilder()
        .setModelName(CELLS)
        .setId("mine")
        .addInputs(InferInputTensor.newBuilder().setName("image").setDatatype("BYTES").addShape(1));
  }

  private static ModelInferRequest.Builder raw() {
    return photo().addRawInputContents(prefixed(TestPhotos.cells()));
  }

  private static ByteString prefixed(byte[] photo) {
    ByteBuffer body = ByteBuffer.allocate(4 + photo.length).order(ByteOrder.LITTLE_ENDIAN);
    return ByteString.copyFrom(body.putInt(photo.length).put(photo).flip());
  }

  @Test
  void server_isLiveAndReady() {
    assertThat(stub().serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(stub().serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    assertThat(
            stub()
                .modelReady(
                    ModelReadyRequest.newBuilder()
                        .setName(CELLS)
                        .setVersion(TestModels.CELLS_VERSION)
                        .build())
                .getReady())
        .isTrue();
    assertThat(
            stub().modelReady(ModelReadyRequest.newBuilder().setName("nobody").build()).getReady())
        .as("who waits for a model asks until it is there")
        .isFalse();
    assertThat(
            stub().serverMetadata(ServerMetadataRequest.getDefaultInstance()).getExtensionsList())
        .contains("model_repository");
  }

  @Test
  void metadataAndConfiguration_sayTheSame() {
    ModelMetadataResponse metadata =
        stub().modelMetadata(ModelMetadataRequest.newBuilder().setName(CELLS + "-tensor").build());
    ModelConfig config =
        stub()
            .modelConfig(ModelConfigRequest.newBuilder().setName(CELLS + "-tensor").build())
            .getConfig();

    assertThat(metadata.getInputs(0).getShapeList()).hasSize(4).startsWith(-1L).endsWith(3L);
    assertThat(config.getInput(0).getDimsList()).isEqualTo(metadata.getInputs(0).getShapeList());
    assertThat(config.getInput(0).getDataType()).isEqualTo(DataType.TYPE_UINT8);
    assertThat(config.getOutputCount()).isEqualTo(metadata.getOutputsCount());
    assertThat(metadata.getPropertiesMap()).containsKey("labels");
    assertThat(config.getParametersMap()).containsKey("labels");
  }

  @Test
  void rawAndTyped_areAnsweredInTheirForm() {
    ModelInferResponse raw = stub().modelInfer(raw().build());
    ModelInferResponse typed =
        stub()
            .modelInfer(
                photo()
                    .setInputs(
                        0,
                        photo()
                            .getInputsBuilder(0)
                            .setContents(
                                InferTensorContents.newBuilder()
                                    .addBytesContents(ByteString.copyFrom(TestPhotos.cells()))))
                    .build());

    assertThat(raw.getId()).isEqualTo("mine");
    assertThat(raw.getParametersMap()).isEmpty();
    assertThat(raw.getModelVersion()).isEqualTo(TestModels.CELLS_VERSION);
    assertThat(raw.getRawOutputContentsCount()).isEqualTo(3);
    assertThat(raw.getOutputs(0).hasContents()).isFalse();
    ByteBuffer boxes =
        raw.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<Float> same = typed.getOutputs(0).getContents().getFp32ContentsList();
    assertThat(typed.getRawOutputContentsCount()).isZero();
    assertThat(same).isNotEmpty();
    for (float value : same) {
      assertThat(boxes.getFloat()).isEqualTo(value);
    }
    assertThat(boxes.hasRemaining()).isFalse();
  }

  /** MLServer's codecs say that it is base64, KServe's InferRequest.to_grpc does not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void base64InThePlaceOfAPhoto_isThatPhoto(boolean raw) {
    byte[] text = Base64.getEncoder().encode(TestPhotos.cells());
    ModelInferRequest.Builder request = photo();
    if (raw) {
      request.addRawInputContents(prefixed(text));
    } else {
      request
          .getInputsBuilder(0)
          .putParameters(
              "content_type", InferParameter.newBuilder().setStringParam("base64").build())
          .setContents(
              InferTensorContents.newBuilder().addBytesContents(ByteString.copyFrom(text)));
    }

    assertThat(stub().modelInfer(request.build()).getOutputs(1).getShapeList())
        .isEqualTo(stub().modelInfer(raw().build()).getOutputs(1).getShapeList());
  }

  /** tritonclient's compression_algorithm; gRPC for Java packs with gzip only. */
  @Test
  void packedWithDeflate_isUnpacked() {
    CompressorRegistry.getDefaultInstance()
        .register(
            new Compressor() {
              @Override
              public String getMessageEncoding() {
                return "deflate";
              }

              @Override
              public OutputStream compress(OutputStream out) {
                return new DeflaterOutputStream(out);
              }
            });

    assertThat(stub().withCompression("deflate").modelInfer(raw().build()).getOutputsCount())
        .isEqualTo(3);
  }

  @Test
  void parametersAndOutputs_areAsAsked() {
    ModelInferResponse answer =
        stub()
            .modelInfer(
                raw()
                    .putParameters(
                        "min_score", InferParameter.newBuilder().setDoubleParam(0.2).build())
                    .putParameters(
                        "max_detections", InferParameter.newBuilder().setInt64Param(2).build())
                    .addOutputs(
                        ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("scores"))
                    .build());

    assertThat(answer.getOutputsList()).hasSize(1);
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L, 2L);
    assertThat(answer.getRawOutputContents(0).size()).isEqualTo(8);
  }

  @Test
  void stream_answersInOrderAndGoesOnAfterAnError() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String door = "api=\"oip\",interface=\"grpc\"";
    double before = measured.with(door);
    Answers<ModelStreamInferResponse> stream = new Answers<>();
    StreamObserver<ModelInferRequest> requests =
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream);
    requests.onNext(raw().setId("a").build());
    requests.onNext(raw().setId("b").setModelName("nobody").build());
    requests.onNext(raw().setId("c").build());
    requests.onCompleted();
    List<ModelStreamInferResponse> answers = stream.all();

    assertThat(answers)
        .extracting(a -> a.getInferResponse().getId())
        .containsExactly("a", "b", "c");
    assertThat(answers)
        .allMatch(
            a -> a.getInferResponse().getParametersOrThrow("triton_final_response").getBoolParam());
    assertThat(answers.get(1).getErrorMessage()).startsWith("unknown model 'nobody'");
    assertThat(answers.get(2).getErrorMessage()).isEmpty();
    assertThat(answers.get(2).getInferResponse().getOutputsCount()).isEqualTo(3);
    assertThat(measured.with(door)).isEqualTo(before + 3);
  }

  @Test
  void statisticsAndIndex_areThere() {
    ModelInferResponse _ = stub().modelInfer(raw().build());

    assertThat(
            stub()
                .modelStatistics(ModelStatisticsRequest.newBuilder().setName(CELLS).build())
                .getModelStats(0)
                .getInferenceStats()
                .getSuccess()
                .getNs())
        .isPositive();
    assertThat(
            stub()
                .repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(true).build())
                .getModelsList())
        .extracting(m -> m.getName() + " " + m.getState())
        .contains(CELLS + " READY");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        row("unknown model", Status.Code.NOT_FOUND, "unknown model", r -> r.setModelName("x")),
        row(
            "unknown version",
            Status.Code.NOT_FOUND,
            CELLS + " has no version '77'; there are ",
            r -> r.setModelVersion("77")),
        row(
            "path as model",
            Status.Code.NOT_FOUND,
            "unknown model",
            r -> r.setModelName("../../etc/passwd")),
        row(
            "no input",
            Status.Code.INVALID_ARGUMENT,
            "input 'image' is missing",
            r -> r.clearInputs().clearRawInputContents()),
        row(
            "input twice",
            Status.Code.INVALID_ARGUMENT,
            "input 'image' is there twice",
            r -> r.addInputs(r.getInputs(0)).addRawInputContents(r.getRawInputContents(0))),
        row(
            "other input",
            Status.Code.INVALID_ARGUMENT,
            "unknown input 'x'",
            r -> r.getInputsBuilder(0).setName("x")),
        row(
            "other type",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': datatype must be BYTES",
            r -> r.getInputsBuilder(0).setDatatype("FP32")),
        row(
            "negative shape",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': shape must be [-1]",
            r -> r.getInputsBuilder(0).setShape(0, -1)),
        row(
            "shape that lies",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': shape [2], but 1 elements",
            r -> r.getInputsBuilder(0).setShape(0, 2)),
        row(
            "huge shape",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': at most 64 photos",
            r -> r.getInputsBuilder(0).setShape(0, Long.MAX_VALUE)),
        row(
            "length that lies",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': an element of 4294967295 bytes",
            r -> r.setRawInputContents(0, ByteString.fromHex("ffffffff00"))),
        row(
            "not a photo",
            Status.Code.INVALID_ARGUMENT,
            "this is no photo",
            r -> r.setRawInputContents(0, prefixed(new byte[] {1, 2, 3}))),
        row(
            "second is no photo",
            Status.Code.INVALID_ARGUMENT,
            "image[1]: this is no photo",
            r -> {
              r.getInputsBuilder(0).setShape(0, 2);
              r.setRawInputContents(
                  0, r.getRawInputContents(0).concat(prefixed(new byte[] {1, 2, 3})));
            }),
        row(
            "not base64",
            Status.Code.INVALID_ARGUMENT,
            "input 'image': neither a photo nor its base64",
            r -> r.setRawInputContents(0, prefixed(new byte[] {'a'}))),
        row(
            "raw and typed",
            Status.Code.INVALID_ARGUMENT,
            "input 'image' has contents beside",
            r ->
                r.getInputsBuilder(0)
                    .setContents(InferTensorContents.newBuilder().addBoolContents(true))),
        row(
            "raw not for all",
            Status.Code.INVALID_ARGUMENT,
            "2 raw_input_contents for 1 inputs",
            r -> r.addRawInputContents(ByteString.EMPTY)),
        row(
            "shared memory",
            Status.Code.INVALID_ARGUMENT,
            "parameter shared_memory_region of 'image' is not supported",
            r ->
                r.getInputsBuilder(0)
                    .putParameters(
                        "shared_memory_region",
                        InferParameter.newBuilder().setStringParam("x").build())),
        row(
            "shared memory for an output",
            Status.Code.INVALID_ARGUMENT,
            "parameter shared_memory_region of 'scores' is not supported",
            r ->
                r.addOutputsBuilder()
                    .setName("scores")
                    .putParameters(
                        "shared_memory_region",
                        InferParameter.newBuilder().setStringParam("x").build())),
        row(
            "classification",
            Status.Code.INVALID_ARGUMENT,
            "parameter classification of 'scores' is not supported",
            r ->
                r.addOutputsBuilder()
                    .setName("scores")
                    .putParameters(
                        "classification", InferParameter.newBuilder().setInt64Param(3).build())),
        row(
            "score not a number",
            Status.Code.INVALID_ARGUMENT,
            "min_score must be in 0..1",
            r ->
                r.putParameters(
                    "min_score", InferParameter.newBuilder().setDoubleParam(Double.NaN).build())),
        row(
            "unknown output",
            Status.Code.INVALID_ARGUMENT,
            "unknown output 'x'",
            r -> r.addOutputsBuilder().setName("x")),
        row(
            "wrong size for the network",
            Status.Code.INVALID_ARGUMENT,
            "input 'images': shape must be [-1, ",
            r ->
                r.setModelName(CELLS + "-tensor")
                    .setInputs(
                        0,
                        InferInputTensor.newBuilder()
                            .setName("images")
                            .setDatatype("UINT8")
                            .addAllShape(List.of(1L, 2L, 2L, 3L)))));
  }

  private static Arguments row(
      String name, Status.Code code, String message, Consumer<ModelInferRequest.Builder> change) {
    return Arguments.of(name, code, message, change);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("refusals")
  void refusal_isAStatusAndTheNextCallIsAnswered(
      String name, Status.Code code, String message, Consumer<ModelInferRequest.Builder> change) {
    ModelInferRequest.Builder request = raw();
    change.accept(request);

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub().modelInfer(request.build()));

    assertThat(refused).as(name).isNotNull();
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(refused.getStatus().getDescription()).startsWith(message);
    assertThat(stub().modelInfer(raw().build()).getOutputsCount()).isEqualTo(3);
  }
}
