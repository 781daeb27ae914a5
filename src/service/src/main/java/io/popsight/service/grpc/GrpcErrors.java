package io.popsight.service.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Context;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.popsight.service.desk.Refusal;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Every failure as a status with its reason in the details; counted. */
@Component
public final class GrpcErrors {

  private static final Logger LOG = LoggerFactory.getLogger(GrpcErrors.class);

  private final RequestMetrics metrics;

  GrpcErrors(RequestMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Does a call's work and answers it; waits for it. A caller that gives up interrupts the work, so
   * that its place in the queue is free.
   */
  public <T> void answer(StreamObserver<T> out, Supplier<T> work) {
    Thread caller = Thread.currentThread();
    Context.CancellationListener givenUp = _ -> caller.interrupt();
    Context call = Context.current();
    call.addListener(givenUp, Runnable::run);
    try {
      T response = work.get();
      out.onNext(response);
      out.onCompleted();
    } catch (RuntimeException e) {
      out.onError(StatusProto.toStatusRuntimeException(status(e)));
    } finally {
      call.removeListener(givenUp);
    }
  }

  /** The status that a failure is. */
  public Status status(RuntimeException failure) {
    Optional<Refusal> refusal = Refusal.counted(failure, metrics);
    if (failure instanceof CancellationException) {
      return status(Code.CANCELLED, Refusal.CANCELLED, "the caller gave up");
    }
    if (refusal.isEmpty()) {
      LOG.error("A request failed", failure);
      return status(Code.INTERNAL, "internal", "the request failed; the log says why");
    }
    String message = Refusal.message(failure);
    Status status = status(code(refusal.get()), refusal.get().slug(), message);
    OptionalLong seconds = Refusal.secondsUntilRetry(failure);
    return seconds.isEmpty() ? status : withRetry(status, seconds.getAsLong());
  }

  private static Status status(Code code, String reason, String message) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain("popsight").setReason(reason);
    RequestInProgress.current().ifPresent(r -> info.putMetadata(RequestInProgress.ID, r.id()));
    return Status.newBuilder()
        .setCode(code.getNumber())
        .setMessage(message)
        .addDetails(Any.pack(info.build()))
        .build();
  }

  private static Status withRetry(Status status, long seconds) {
    RetryInfo retry =
        RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(seconds)).build();
    return status.toBuilder().addDetails(Any.pack(retry)).build();
  }

  private static Code code(Refusal refusal) {
    return switch (refusal) {
      case NOT_A_PHOTO,
          BROKEN_PHOTO,
          MISSING_PHOTO,
          MALFORMED_REQUEST,
          INVALID_PARAMETER,
          UNKNOWN_BACKEND,
          UNSUPPORTED_MEDIA_TYPE,
          TOO_LARGE ->
          Code.INVALID_ARGUMENT;
      case UNKNOWN_MODEL -> Code.NOT_FOUND;
      case MODEL_REFUSED -> Code.FAILED_PRECONDITION;
      case QUEUE_FULL, RATE_LIMITED -> Code.RESOURCE_EXHAUSTED;
      // Not by its name alone: gRPC ends a call whose context is cancelled with this code, and with
      // no other.
      case TOO_SLOW, DEADLINE_EXCEEDED -> Code.DEADLINE_EXCEEDED;
      case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
      case FORBIDDEN -> Code.PERMISSION_DENIED;
    };
  }
}
