package io.popsight.service.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.popsight.service.Draining;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc.DetectionImplBase;
import org.springframework.stereotype.Service;

/** {@code popsight.v1.Detection}. */
@Service
final class DetectionEndpoint extends DetectionImplBase {

  private static final Door STREAM = Door.grpc("native");

  private final DetectionDesk desk;
  private final GrpcErrors errors;
  private final RequestMetrics metrics;
  private final Draining draining;
  private final int photosAtOnce;

  DetectionEndpoint(
      DetectionDesk desk,
      GrpcErrors errors,
      RequestMetrics metrics,
      InferencePool pool,
      Draining draining) {
    this.desk = desk;
    this.errors = errors;
    this.metrics = metrics;
    this.draining = draining;
    this.photosAtOnce = pool.photosAtOnce();
  }

  @Override
  public void detect(DetectRequest request, StreamObserver<DetectResponse> out) {
    errors.answer(out, () -> answer(request));
  }

  @Override
  public StreamObserver<DetectRequest> detectStream(StreamObserver<DetectStreamResponse> out) {
    RequestMetrics.Photos photos = metrics.stream(STREAM);
    return new PhotoStream<>(
        (ServerCallStreamObserver<DetectStreamResponse>) out,
        photosAtOnce,
        request -> photos.answer(() -> answerOrError(request)),
        draining);
  }

  private DetectStreamResponse answerOrError(DetectRequest request) {
    DetectStreamResponse.Builder response =
        DetectStreamResponse.newBuilder().setRequestId(request.getRequestId());
    try {
      DetectResponse answer = answer(request);
      return response.setRequestId(answer.getRequestId()).setAnswer(answer).build();
    } catch (RuntimeException e) {
      return response.setError(errors.status(e)).build();
    }
  }

  private DetectResponse answer(DetectRequest request) {
    return Messages.response(
        desk.answer(request.getImage().toByteArray(), Messages.request(request)), request);
  }
}
