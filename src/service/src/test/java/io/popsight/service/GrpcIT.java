package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gRPC door, by a client that has nothing but the generated stubs. */
class GrpcIT extends OverGrpc {

  private static final String MODEL = "popsight-cells";
  private static final String REJECTED = "popsight_requests_rejected_total{";
  private static final String TOO_LARGE = "reason=\"too-large\"";

  @LocalServerPort private int httpPort;

  @Test
  void photo_isAnsweredAsOverHttp() throws Exception {
    DetectResponse answer =
        detector().detect(cells().setRequestId("mine").setMinScore(0.2f).addLabels("WBC").build());
    JsonNode http;
    try (HttpClient client = HttpClient.newHttpClient()) {
      http =
          new JsonMapper()
              .readTree(
                  client
                      .send(
                          HttpRequest.newBuilder(
                                  URI.create(
                                      "http://localhost:%d/v1/detect?min_score=0.2&labels=WBC&model=%s"
                                          .formatted(httpPort, MODEL)))
                              .header("Content-Type", "image/jpeg")
                              .POST(HttpRequest.BodyPublishers.ofByteArray(TestPhotos.cells()))
                              .build(),
                          BodyHandlers.ofString())
                      .body());
    }

    assertThat(answer.getRequestId()).isEqualTo("mine");
    assertThat(answer.getModel()).isEqualTo(http.get("model").asString());
    assertThat(answer.getImage().getWidth()).isEqualTo(640);
    assertThat(answer.getDetectionsCount()).isEqualTo(http.get("detections").size()).isPositive();
    for (int i = 0; i < answer.getDetectionsCount(); i++) {
      JsonNode expected = http.get("detections").get(i);
      assertThat(answer.getDetections(i).getLabel()).isEqualTo(expected.get("label").asString());
      assertThat(answer.getDetections(i).getScore()).isEqualTo(expected.get("score").asFloat());
      assertThat(answer.getDetections(i).getBox().getXMax())
          .isEqualTo(expected.get("box").get("x_max").asFloat());
    }
    assertThat(answer.getSpikeRates(0).getRate())
        .isEqualTo(http.get("spike_rates").get(0).get("rate").asDouble());
    assertThat(answer.getTimingsMs().getTotal()).isPositive();
  }

  @Test
  void backends_answerTheSameToTheBit() {
    DetectResponse popcount = detector().detect(cells().setMinScore(0.05f).build());
    DetectResponse onnx = detector().detect(cells().setMinScore(0.05f).setBackend("onnx").build());

    assertThat(onnx.getBackend()).isEqualTo("onnx");
    assertThat(onnx.getDetectionsList()).isEqualTo(popcount.getDetectionsList());
    assertThat(onnx.getSpikeRatesList()).isEqualTo(popcount.getSpikeRatesList());
  }

  @Test
  void tiles_areAskedForAsOverHttp() {
    ByteString photo = ByteString.copyFrom(TestPhotos.cellsFourTimes());
    int whole = detector().detect(cells().setImage(photo).build()).getDetectionsCount();
    DetectResponse tiled = detector().detect(cells().setImage(photo).setTiles(2).build());

    assertThat(tiled.getDetectionsCount()).isGreaterThan(2 * whole);
  }

  /** Watching health needs no key, so that anybody may. */
  @Test
  @Timeout(60)
  void callsOfAConnection_areBounded() throws Exception {
    AtomicInteger told = new AtomicInteger();
    for (int i = 0; i < 300; i++) {
      HealthGrpc.newStub(channel)
          .watch(
              HealthCheckRequest.getDefaultInstance(),
              new StreamObserver<>() {
                @Override
                public void onNext(HealthCheckResponse state) {
                  told.incrementAndGet();
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
              });
    }

    while (told.get() < 128) {
      Thread.sleep(1);
    }
    ManagedChannel another =
        NettyChannelBuilder.forAddress("localhost", port()).usePlaintext().build();
    try {
      assertThat(
              HealthGrpc.newBlockingStub(another)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
      assertThat(told).hasValue(128);
    } finally {
      another.shutdownNow();
    }
  }

  static Stream<Arguments> refusals() {
    byte[] photo = TestPhotos.cells();
    return Stream.of(
        row("no photo", r -> r.clearImage(), Status.Code.INVALID_ARGUMENT, "missing-photo"),
        row(
            "text",
            r -> r.setImage(ByteString.copyFromUtf8("hello, world")),
            Status.Code.INVALID_ARGUMENT,
            "not-a-photo"),
        row(
            "half a photo",
            r -> r.setImage(ByteString.copyFrom(Arrays.copyOf(photo, photo.length / 2))),
            Status.Code.INVALID_ARGUMENT,
            "broken-photo"),
        row(
            "a PNG bomb",
            r -> r.setImage(ByteString.copyFrom(TestPhotos.pngBomb())),
            Status.Code.INVALID_ARGUMENT,
            "too-large"),
        row("score", r -> r.setMinScore(2), Status.Code.INVALID_ARGUMENT, "invalid-parameter"),
        row("NaN", r -> r.setIou(Float.NaN), Status.Code.INVALID_ARGUMENT, "invalid-parameter"),
        row(
            "no boxes",
            r -> r.setMaxDetections(0),
            Status.Code.INVALID_ARGUMENT,
            "invalid-parameter"),
        row(
            "label",
            r -> r.addLabels("unicorn"),
            Status.Code.INVALID_ARGUMENT,
            "invalid-parameter"),
        row(
            "backend",
            r -> r.setBackend("abacus"),
            Status.Code.INVALID_ARGUMENT,
            "unknown-backend"),
        row("model", r -> r.setModel("../../etc"), Status.Code.NOT_FOUND, "unknown-model"));
  }

  private static Arguments row(
      String what,
      Function<DetectRequest.Builder, DetectRequest.Builder> change,
      Status.Code code,
      String reason) {
    return Arguments.of(what, change, code, reason);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void refusal_namesItsReasonAndTheNextIsAnswered(
      String what,
      Function<DetectRequest.Builder, DetectRequest.Builder> change,
      Status.Code code,
      String reason)
      throws Exception {
    DetectRequest request = change.apply(cells()).build();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              DetectResponse _ = detector().detect(request);
            });

    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(refused.getStatus().getDescription()).isNotBlank();
    assertThat(reason(Objects.requireNonNull(StatusProto.fromThrowable(refused))))
        .isEqualTo(reason);
    assertThat(detector().detect(cells().build()).getDetectionsCount()).isPositive();
  }

  @Test
  @Timeout(60)
  void messageOverTheLimit_isRefusedAndTheNextIsAnswered() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String refusedCalls = "interface=\"grpc\",model=\"none\",outcome=\"refused\"";
    double rejected = measured.sum(REJECTED, TOO_LARGE);
    double ended = measured.with(refusedCalls);
    DetectRequest huge = cells().setImage(ByteString.copyFrom(new byte[33 << 20])).build();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              DetectResponse _ = detector().detect(huge);
            });

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(reason(Objects.requireNonNull(StatusProto.fromThrowable(refused))))
        .isEqualTo("too-large");
    assertThat(measured.sum(REJECTED, TOO_LARGE)).isEqualTo(rejected + 1);
    // A call may be measured after its answer.
    while (!measured.metrics().contains("popsight_inflight_requests 0.0")) {
      Thread.sleep(5);
    }
    assertThat(measured.with(refusedCalls)).isEqualTo(ended + 1);
    assertThat(detector().detect(cells().build()).getDetectionsCount()).isPositive();
  }

  @Test
  void stream_answersEveryPhotoAndGoesOnAfterABadOne() throws Exception {
    DetectResponse alone = detector().detect(cells().build());
    List<DetectRequest> requests = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      DetectRequest.Builder request = cells().setRequestId("photo " + i);
      requests.add(
          i == 7
              ? request.setImage(ByteString.copyFrom("no photo", StandardCharsets.UTF_8)).build()
              : request.build());
    }

    Map<String, DetectStreamResponse> answers =
        stream(out -> requests.forEach(out::onNext)).stream()
            .collect(Collectors.toMap(DetectStreamResponse::getRequestId, Function.identity()));

    assertThat(answers).hasSize(30);
    assertThat(reason(Objects.requireNonNull(answers.remove("photo 7")).getError()))
        .isEqualTo("not-a-photo");
    assertThat(answers.values())
        .allSatisfy(
            answer ->
                assertThat(answer.getAnswer().getDetectionsList())
                    .isEqualTo(alone.getDetectionsList()));
  }

  /** Trailers that a client does not read end its connection, and every call on it. */
  @ParameterizedTest
  @ValueSource(strings = {"x", "€"})
  void longEcho_harmsNoOtherCall(String letter) throws Exception {
    DetectRequest request = cells().setModel(letter.repeat(100_000)).build();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              DetectResponse _ = detector().detect(request);
            });

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(refused.getStatus().getDescription())
        .startsWith("unknown model '" + letter)
        .contains(MODEL);
    assertThat(reason(Objects.requireNonNull(StatusProto.fromThrowable(refused))))
        .isEqualTo("unknown-model");
  }

  @Test
  void emptyStream_ends() throws Exception {
    assertThat(stream(out -> {})).isEmpty();
  }

  @Test
  void cancelledStream_leavesTheServiceWell() {
    StreamObserver<DetectRequest> out =
        DetectionGrpc.newStub(channel).detectStream(new Answers<>());
    for (int i = 0; i < 20; i++) {
      out.onNext(cells().build());
    }
    out.onError(Status.CANCELLED.asRuntimeException());

    assertThat(detector().detect(cells().build()).getDetectionsCount()).isPositive();
  }

  /** Of the whole, and of each service by its name. */
  @ParameterizedTest
  @ValueSource(strings = {"", "popsight.v1.Detection", "inference.GRPCInferenceService"})
  void health_isServing(String service) {
    assertThat(health(service)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void health_ofAServiceThatIsNotServed_isNotFound() {
    assertThatThrownBy(() -> health("popsight.v2.Detection"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  private ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  @Test
  void reflection_listsTheService() throws Exception {
    CompletableFuture<List<String>> listed = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> out =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    listed.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    listed.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    out.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

    assertThat(listed.get(10, TimeUnit.SECONDS))
        .contains("popsight.v1.Detection", "grpc.health.v1.Health");
    out.onCompleted();
  }

  private DetectionGrpc.DetectionBlockingStub detector() {
    return DetectionGrpc.newBlockingStub(channel);
  }

  private static DetectRequest.Builder cells() {
    return DetectRequest.newBuilder()
        .setModel(MODEL)
        .setImage(ByteString.copyFrom(TestPhotos.cells()));
  }

  private List<DetectStreamResponse> stream(Consumer<StreamObserver<DetectRequest>> ask)
      throws Exception {
    Answers<DetectStreamResponse> answers = new Answers<>();
    StreamObserver<DetectRequest> out = DetectionGrpc.newStub(channel).detectStream(answers);
    ask.accept(out);
    out.onCompleted();
    return answers.all();
  }

  private static String reason(com.google.rpc.Status status) throws InvalidProtocolBufferException {
    Any detail = status.getDetails(0);
    ErrorInfo info = detail.unpack(ErrorInfo.class);
    assertThat(info.getDomain()).isEqualTo("popsight");
    return info.getReason();
  }
}
