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
    // Asked here: it may be closed on a thread of the transport, which has no context.
    MessageMemory.Counted messages = MessageMemory.ofCall();
    RequestInProgress request = metrics.arrived(door.get());
    AtomicBoolean read = new AtomicBoolean();
    AtomicBoolean ended = new AtomicBoolean();
    ServerCall<Q, R> measured =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            super.close(status, trailers);
            if (ended.compareAndSet(false, true)) {
              metrics.ended(
                  request,
                  messages
                      .refusal()
                      .orElseGet(() -> request.outcome(outcome(status.getCode(), read.get()))));
            }
          }
        };
    messages.refusedBy(
        e ->
            measured.close(
                e.getStatus(), Objects.requireNonNullElseGet(e.getTrailers(), Metadata::new)));
    // The call may be refused already while it starts.
    return new SimpleForwardingServerCallListener<>(
        metrics.callWithin(request, () -> next.startCall(measured, headers))) {
      @Override
      public void onMessage(Q message) {
        read.set(true);
        super.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        // Nobody waits any more where the message was refused.
        if (!ended.get()) {
          metrics.within(request, super::onHalfClose);
        }
      }

      @Override
      public void onComplete() {
        super.onComplete();
        // gRPC closes a call by itself whose message it cannot read, or which we broke.
        if (ended.compareAndSet(false, true)) {
          metrics.ended(request, request.outcome(outcome(Status.Code.UNKNOWN, read.get())));
        }
      }

      @Override
      public void onCancel() {
        super.onCancel();
        if (ended.compareAndSet(false, true)) {
          metrics.ended(request, messages.refusal().orElse(Outcome.CANCELLED));
        }
      }
    };
  }

  /** What fails before a message could be read is the caller's mistake. */
  private static Outcome outcome(Status.Code code, boolean read) {
    Outcome outcome = CallOutcome.of(code);
    return outcome == Outcome.ERROR && !read ? Outcome.REFUSED : outcome;
  }
}
