package io.popsight.service.grpc;

import io.grpc.Status;
import io.popsight.service.metrics.Outcome;

/** What a status says in the words of the metrics. */
final class CallOutcome {

  private CallOutcome() {}

  /** The outcome that a gRPC status stands for. */
  static Outcome of(Status.Code code) {
    return switch (code) {
      case OK -> Outcome.OK;
      case CANCELLED, DEADLINE_EXCEEDED -> Outcome.CANCELLED;
      case RESOURCE_EXHAUSTED, UNAVAILABLE -> Outcome.OVERLOADED;
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          Outcome.REFUSED;
      case UNKNOWN, INTERNAL, DATA_LOSS -> Outcome.ERROR;
    };
  }
}
