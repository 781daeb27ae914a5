package io.popsight.service.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.popsight.service.access.Routes;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/** Measures calls that ask for one photo's detections; a stream's photos are measured singly. */
@Component
@GlobalServerInterceptor
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class CallTimer implements ServerInterceptor {

  private final RequestMetrics metrics;

  CallTimer(RequestMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Optional<Door> door = Routes.ofGrpc(call.getMethodDescriptor().getFullMethodName()).photo();
    if (door.isEmpty()) {
      return next.startCall(call, headers);
    }
    Measurement measurement = new Measurement(door.get());
    MeasuredCall<Q, R> measured = new MeasuredCall<>(call, measurement);
    measurement.messages.refusedBy(
        e ->
            measured.close(
                e.getStatus(), Objects.requireNonNullElseGet(e.getTrailers(), Metadata::new)));
    // The call may be refused already while it starts.
    return new MeasuredListener<>(
        metrics.callWithin(measurement.request, () -> next.startCall(measured, headers)),
        measurement);
  }

  /** Of one call, which is counted once however it ends. */
  private final class Measurement {

    /** Asked as it starts: it may be closed on a thread of the transport, which has no context. */
    private final MessageMemory.Counted messages = MessageMemory.ofCall();

    private final RequestInProgress request;
    private final AtomicBoolean read = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();

    Measurement(Door door) {
      request = metrics.arrived(door);
    }

    /** What fails before a message could be read is the caller's mistake. */
    Outcome outcome(Status.Code code) {
      Outcome outcome = CallOutcome.of(code);
      return request.outcome(outcome == Outcome.ERROR && !read.get() ? Outcome.REFUSED : outcome);
    }

    void end(Supplier<Outcome> outcome) {
      if (ended.compareAndSet(false, true)) {
        metrics.ended(request, outcome.get());
      }
    }
  }

  private static final class MeasuredCall<Q, R> extends SimpleForwardingServerCall<Q, R> {

    private final Measurement measurement;

    MeasuredCall(ServerCall<Q, R> call, Measurement measurement) {
      super(call);
      this.measurement = measurement;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      super.close(status, trailers);
      measurement.end(
          () ->
              measurement
                  .messages
                  .refusal()
                  .orElseGet(() -> measurement.outcome(status.getCode())));
    }
  }

  private final class MeasuredListener<Q> extends SimpleForwardingServerCallListener<Q> {

    private final Measurement measurement;

    MeasuredListener(ServerCall.Listener<Q> listener, Measurement measurement) {
      super(listener);
      this.measurement = measurement;
    }

    @Override
    public void onMessage(Q message) {
      measurement.read.set(true);
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      // Nobody waits any more where the message was refused.
      if (!measurement.ended.get()) {
        metrics.within(measurement.request, super::onHalfClose);
      }
    }

    @Override
    public void onComplete() {
      super.onComplete();
      // gRPC closes a call by itself whose message it cannot read, or which we broke.
      measurement.end(() -> measurement.outcome(Status.Code.UNKNOWN));
    }

    @Override
    public void onCancel() {
      super.onCancel();
      measurement.end(() -> measurement.messages.refusal().orElse(Outcome.CANCELLED));
    }
  }
}
