package io.popsight.service.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.popsight.service.access.Access;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In whose name calls run. */
@Timeout(60)
class GrpcAccessTest {

  private final BlockingQueue<Caller> callers = new LinkedBlockingQueue<>();
  private final InferencePool pool = new InferencePool(1, 1, Duration.ofMinutes(1));
  private final Server server =
      NettyServerBuilder.forPort(0)
          .addService(new Door())
          .intercept(
              new GrpcAccess(
                  new Access(List.of(), Optional.empty()),
                  pool,
                  new GrpcErrors(
                      new RequestMetrics(
                          new SimpleMeterRegistry(), ObservationRegistry.NOOP, List.of()))))
          .build()
          .start();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();

  GrpcAccessTest() throws IOException {}

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
    pool.close();
  }

  /** What is left of it when the call arrives. */
  @Test
  void deadlineOfACall_isItsCallersPatience() throws Exception {
    assertThat(caller(stub -> stub).patience()).isEqualTo(Caller.PATIENT);
    assertThat(caller(stub -> stub.withDeadlineAfter(10, TimeUnit.MINUTES)).patience())
        .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
  }

  private Caller caller(UnaryOperator<DetectionGrpc.DetectionBlockingStub> call) throws Exception {
    DetectResponse _ =
        call.apply(DetectionGrpc.newBlockingStub(channel))
            .detect(DetectRequest.getDefaultInstance());
    return callers.take();
  }

  private final class Door extends DetectionGrpc.DetectionImplBase {

    @Override
    public void detect(DetectRequest request, StreamObserver<DetectResponse> out) {
      callers.add(Caller.current());
      out.onNext(DetectResponse.getDefaultInstance());
      out.onCompleted();
    }
  }
}
