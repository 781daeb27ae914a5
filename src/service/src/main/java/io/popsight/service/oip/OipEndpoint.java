package io.popsight.service.oip;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.popsight.inference.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.popsight.inference.v2.InferParameter;
import io.popsight.inference.v2.ModelConfigRequest;
import io.popsight.inference.v2.ModelConfigResponse;
import io.popsight.inference.v2.ModelInferRequest;
import io.popsight.inference.v2.ModelInferResponse;
import io.popsight.inference.v2.ModelMetadataRequest;
import io.popsight.inference.v2.ModelMetadataResponse;
import io.popsight.inference.v2.ModelReadyRequest;
import io.popsight.inference.v2.ModelReadyResponse;
import io.popsight.inference.v2.ModelStatisticsRequest;
import io.popsight.inference.v2.ModelStatisticsResponse;
import io.popsight.inference.v2.ModelStreamInferResponse;
import io.popsight.inference.v2.RepositoryIndexRequest;
import io.popsight.inference.v2.RepositoryIndexResponse;
import io.popsight.inference.v2.RepositoryIndexResponse.ModelIndex;
import io.popsight.inference.v2.RepositoryModelLoadRequest;
import io.popsight.inference.v2.RepositoryModelLoadResponse;
import io.popsight.inference.v2.RepositoryModelUnloadRequest;
import io.popsight.inference.v2.RepositoryModelUnloadResponse;
import io.popsight.inference.v2.ServerLiveRequest;
import io.popsight.inference.v2.ServerLiveResponse;
import io.popsight.inference.v2.ServerMetadataRequest;
import io.popsight.inference.v2.ServerMetadataResponse;
import io.popsight.inference.v2.ServerReadyRequest;
import io.popsight.inference.v2.ServerReadyResponse;
import io.popsight.service.Draining;
import io.popsight.service.grpc.GrpcErrors;
import io.popsight.service.grpc.PhotoStream;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.RequestMetrics;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Service;

/** {@code inference.GRPCInferenceService}. */
@Service
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
final class OipEndpoint extends GRPCInferenceServiceImplBase {

  private static final Door STREAM = Door.grpc("oip");

  /** Clients read answers to a request until one says that it is the last. */
  private static final String FINAL_RESPONSE = "triton_final_response";

  private static final InferParameter TRUE = InferParameter.newBuilder().setBoolParam(true).build();

  private final OpenInference inference;
  private final GrpcErrors errors;
  private final RequestMetrics metrics;
  private final Draining draining;

  OipEndpoint(
      OpenInference inference, GrpcErrors errors, RequestMetrics metrics, Draining draining) {
    this.inference = inference;
    this.errors = errors;
    this.metrics = metrics;
    this.draining = draining;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> out) {
    errors.answer(out, () -> ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> out) {
    errors.answer(out, () -> ServerReadyResponse.newBuilder().setReady(inference.ready()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> out) {
    errors.answer(
        out,
        () -> {
          boolean ready =
              inference.ready() && inference.has(request.getName(), request.getVersion());
          return ModelReadyResponse.newBuilder().setReady(ready).build();
        });
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> out) {
    errors.answer(
        out,
        () ->
            ServerMetadataResponse.newBuilder()
                .setName(OpenInference.SERVER)
                .setVersion(inference.version())
                .addAllExtensions(OpenInference.EXTENSIONS)
                .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> out) {
    errors.answer(
        out,
        () ->
            OipDescriptions.metadata(inference.describe(request.getName(), request.getVersion())));
  }

  @Override
  public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> out) {
    errors.answer(
        out,
        () -> OipDescriptions.config(inference.describe(request.getName(), request.getVersion())));
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> out) {
    errors.answer(
        out,
        () ->
            OipDescriptions.statistics(
                StatisticsListing.of(
                    inference.statistics(request.getName(), request.getVersion()))));
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> out) {
    errors.answer(out, () -> infer(request));
  }

  /** One request after another, so that answers come in the order asked. */
  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> out) {
    RequestMetrics.Photos photos = metrics.stream(STREAM);
    return new PhotoStream<>(
        (ServerCallStreamObserver<ModelStreamInferResponse>) out,
        1,
        request -> photos.answer(() -> streamed(request)),
        draining);
  }

  private ModelStreamInferResponse streamed(ModelInferRequest request) {
    ModelStreamInferResponse.Builder answer = ModelStreamInferResponse.newBuilder();
    try {
      answer.setInferResponse(infer(request));
    } catch (RuntimeException e) {
      answer
          .setErrorMessage(errors.status(e).getMessage())
          .getInferResponseBuilder()
          .setModelName(request.getModelName())
          .setModelVersion(request.getModelVersion())
          .setId(request.getId());
    }
    answer.getInferResponseBuilder().putParameters(FINAL_RESPONSE, TRUE);
    return answer.build();
  }

  private ModelInferResponse infer(ModelInferRequest request) {
    return inference.by(
        request.getModelName(),
        request.getModelVersion(),
        view ->
            OipMessages.response(
                view, request, inference.infer(view, OipMessages.request(view, request))));
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> out) {
    errors.answer(
        out,
        () -> {
          RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
          for (OpenInference.Listed each : inference.index(request.getReady())) {
            index.addModels(
                ModelIndex.newBuilder()
                    .setName(each.name())
                    .setVersion(each.version())
                    .setState(each.state())
                    .setReason(each.reason()));
          }
          return index.build();
        });
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> out) {
    errors.answer(
        out,
        () -> {
          inference.load(request.getModelName(), request.getParametersMap().keySet());
          return RepositoryModelLoadResponse.getDefaultInstance();
        });
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> out) {
    errors.answer(
        out,
        () -> {
          inference.unload(request.getModelName());
          return RepositoryModelUnloadResponse.getDefaultInstance();
        });
  }
}
