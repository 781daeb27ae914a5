package io.popsight.service.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.popsight.service.Draining;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.LeastRate;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectStreamResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of a server that has nothing else. */
@Timeout(60)
class PhotoStreamTest {

  private static final int PHOTOS_AT_ONCE = 4;
  private static final int ALL = 8 << 20;
  private static final int MOST = 7 << 19;

  private final BodyMemory memory = new BodyMemory(ALL);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RequestMetrics metrics =
      new RequestMetrics(meters, ObservationRegistry.NOOP, List.of());
  private final BlockingQueue<Object> come = new LinkedBlockingQueue<>();
  private final AtomicBoolean read = new AtomicBoolean(true);
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch halfClosed = new CountDownLatch(1);

  @Test
  void clientThatDoesNotRead_isAskedForNoMore() throws Exception {
    read.set(false);
    try (Door door = new Door(PhotoStreamTest::echo)) {
      StreamObserver<DetectRequest> stream = door.stream();
      for (int i = 0; i < PHOTOS_AT_ONCE; i++) {
        stream.onNext(photo("photo " + i));
      }

      assertThat(next()).isEqualTo("photo 0");
      assertThat(asked).hasValue(1);
    }
  }

  /** Packed ones as well, and ones of which less is kept than came. */
  @Test
  void messages_giveBackWhatTheyTook() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    DetectRequest large =
        DetectRequest.newBuilder().setImage(ByteString.copyFrom(new byte[1 << 18])).build();
    DetectRequest twiceNamed =
        photo("x".repeat(200)).toBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        DetectRequest.REQUEST_ID_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.EMPTY)
                            .build())
                    .build())
            .build();
    try (Door door = new Door(request -> request.getImage().isEmpty() ? echo(request) : held(end));
        BodyMemory.Share others = memory.open()) {
      ClientCallStreamObserver<DetectRequest> stream = door.stream();
      stream.onNext(large);
      stream.setMessageCompression(false);
      stream.onNext(large);
      for (int i = 0; i < 40; i++) {
        stream.setMessageCompression(i % 2 == 0);
        stream.onNext(i % 4 < 2 ? photo("") : twiceNamed);
        assertThat(next()).isEqualTo("");
      }

      int free = ALL - 2 * 2 * large.getSerializedSize();
      others.grow(free);
      assertThatThrownBy(() -> others.grow(1)).isInstanceOf(RefusedException.class);
      end.countDown();
      assertThat(next()).isEqualTo("held");
      assertThat(next()).isEqualTo("held");
      others.grow(ALL - free);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void messageWithoutMemory_isMeasuredAsAPhotoThatIsRefused(boolean packed) throws Exception {
    try (Door door = new Door(PhotoStreamTest::echo);
        BodyMemory.Share others = memory.open()) {
      others.grow(ALL - (1 << 20));
      ClientCallStreamObserver<DetectRequest> stream = door.stream();
      stream.setMessageCompression(packed);
      stream.onNext(
          DetectRequest.newBuilder().setImage(ByteString.copyFrom(new byte[3 << 20])).build());

      assertThat(next())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }
    assertThat(meters.get("popsight.requests").tag("outcome", "overloaded").counter().count())
        .isOne();
    assertThat(
            meters.get("popsight.requests.rejected").tag("reason", "queue-full").counter().count())
        .isOne();
  }

  /** The stream has answered by then, and the packed one has few bytes until it is unpacked. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void messageOverTheLimit_endsTheStreamWithItsReason(boolean packed) throws Exception {
    try (Door door = new Door(PhotoStreamTest::echo)) {
      ClientCallStreamObserver<DetectRequest> stream = door.stream();
      stream.onNext(photo("first"));
      assertThat(next()).isEqualTo("first");

      stream.setMessageCompression(packed);
      stream.onNext(
          DetectRequest.newBuilder().setImage(ByteString.copyFrom(new byte[MOST])).build());

      assertThat(next())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                assertThat(String.valueOf(StatusProto.fromThrowable(e))).contains("too-large");
              });
    }
    assertThat(meters.get("popsight.requests").tag("outcome", "refused").counter().count()).isOne();
    assertThat(
            meters.get("popsight.requests.rejected").tag("reason", "too-large").counter().count())
        .isOne();
  }

  @Test
  void photoWithoutRoomOnTheHeap_endsTheStream() throws Exception {
    try (Door door = new Door(PhotoStreamTest::tooMuch)) {
      door.stream().onNext(photo("too much"));

      assertThat(next())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
      try (BodyMemory.Share others = memory.open()) {
        others.grow(ALL);
      }
    }
  }

  @Test
  void streamThatIsCancelled_interruptsItsPhotos() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Door door = new Door(request -> untilInterrupted(request, begun, interrupted))) {
      ClientCallStreamObserver<DetectRequest> stream = door.stream();
      stream.onNext(photo("held"));
      begun.await();
      assertThat(interrupted.getCount()).isOne();

      stream.cancel("enough", null);

      interrupted.await();
    }
  }

  /** Of so many that most have not come when the service stops. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stop_withPhotosThatAreNotAnswered_isNotOk(boolean halfClosed) throws Exception {
    CountDownLatch begun = new CountDownLatch(PHOTOS_AT_ONCE);
    CountDownLatch end = new CountDownLatch(1);
    try (Door door = new Door(request -> held(begun, end))) {
      StreamObserver<DetectRequest> stream = door.stream();
      for (int i = 0; i < 1_000; i++) {
        stream.onNext(photo("photo " + i));
      }
      if (halfClosed) {
        stream.onCompleted();
      }
      begun.await();

      door.stop();
      end.countDown();

      Object last = next();
      while (last.equals("held")) {
        last = next();
      }
      assertThat(last)
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }
  }

  @Test
  void stop_whenTheClientHadSentAll_isOkAfterTheLastAnswer() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (Door door = new Door(_ -> held(end))) {
      StreamObserver<DetectRequest> stream = door.stream();
      stream.onNext(photo("first"));
      stream.onNext(photo("second"));
      stream.onCompleted();
      halfClosed.await();

      door.stop();
      end.countDown();

      assertThat(next()).isEqualTo("held");
      assertThat(next()).isEqualTo("held");
      assertThat(next()).isEqualTo("end");
    }
  }

  private static DetectStreamResponse untilInterrupted(
      DetectRequest request, CountDownLatch begun, CountDownLatch interrupted) {
    begun.countDown();
    try {
      Thread.sleep(Duration.ofDays(1));
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
    return echo(request);
  }

  private static DetectStreamResponse tooMuch(DetectRequest request) {
    throw new OutOfMemoryError(request.getRequestId());
  }

  private static DetectStreamResponse held(CountDownLatch begun, CountDownLatch end) {
    begun.countDown();
    return held(end);
  }

  private static DetectStreamResponse held(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return DetectStreamResponse.newBuilder().setRequestId("held").build();
  }

  private static DetectStreamResponse echo(DetectRequest request) {
    return DetectStreamResponse.newBuilder().setRequestId(request.getRequestId()).build();
  }

  private static DetectRequest photo(String id) {
    return DetectRequest.newBuilder().setRequestId(id).build();
  }

  private Object next() throws InterruptedException {
    Object next = come.poll(30, TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  /** A server and a client's way to it. */
  private final class Door extends DetectionGrpc.DetectionImplBase implements AutoCloseable {

    private final Function<DetectRequest, DetectStreamResponse> answer;
    private final Draining draining = new Draining(Duration.ZERO);
    private final Server server;
    private final ManagedChannel channel;

    Door(Function<DetectRequest, DetectStreamResponse> answer) throws IOException {
      this.answer = answer;
      this.server =
          NettyServerBuilder.forPort(0)
              .addService(this)
              .maxInboundMessageSize(Integer.MAX_VALUE)
              .intercept(new Watched())
              .addStreamTracerFactory(
                  new MessageMemory(
                      memory,
                      new LeastRate(0, Duration.ZERO),
                      new GrpcErrors(metrics),
                      metrics,
                      MOST))
              .build()
              .start();
      this.channel =
          NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    }

    @Override
    public StreamObserver<DetectRequest> detectStream(StreamObserver<DetectStreamResponse> out) {
      return new PhotoStream<>(
          (ServerCallStreamObserver<DetectStreamResponse>) out, PHOTOS_AT_ONCE, answer, draining);
    }

    ClientCallStreamObserver<DetectRequest> stream() {
      return (ClientCallStreamObserver<DetectRequest>)
          DetectionGrpc.newStub(channel)
              .withCompression("gzip")
              .detectStream(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(DetectStreamResponse response) {
                      come.add(response.getRequestId());
                    }

                    @Override
                    public void onError(Throwable failure) {
                      come.add(failure);
                    }

                    @Override
                    public void onCompleted() {
                      come.add("end");
                    }
                  });
    }

    void stop() {
      draining.start();
      draining.stop();
    }

    @Override
    public void close() {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /** Counts what a stream asks for; its client reads as the test will have it. */
  private final class Watched implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<>(
          next.startCall(
              new SimpleForwardingServerCall<>(call) {
                @Override
                public void request(int messages) {
                  asked.addAndGet(messages);
                  super.request(messages);
                }

                @Override
                public boolean isReady() {
                  return read.get() && super.isReady();
                }
              },
              headers)) {
        @Override
        public void onHalfClose() {
          super.onHalfClose();
          halfClosed.countDown();
        }
      };
    }
  }
}
