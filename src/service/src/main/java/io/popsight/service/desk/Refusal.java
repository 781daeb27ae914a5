package io.popsight.service.desk;

import io.popsight.Shortened;
import io.popsight.backend.UnknownBackendException;
import io.popsight.imaging.PhotoRefusedException;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.detect.DeadlineExceededException;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.service.model.UnknownModelException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

/** Why a request is refused; every door has its own form for each. */
public enum Refusal {
  NOT_A_PHOTO("Not a photo"),
  BROKEN_PHOTO("The photo cannot be decoded"),
  MISSING_PHOTO("No photo in the request"),
  MALFORMED_REQUEST("The request cannot be read"),
  INVALID_PARAMETER("A parameter cannot be used"),
  UNKNOWN_BACKEND("Unknown backend"),
  UNKNOWN_MODEL("Unknown model"),
  MODEL_REFUSED("The backend cannot run this model"),
  UNSUPPORTED_MEDIA_TYPE("Unsupported media type"),
  TOO_LARGE("The photo or its request is too large"),
  TOO_SLOW("The photo comes too slowly"),
  QUEUE_FULL("Too many photos are waiting"),
  RATE_LIMITED("Too many requests with this key"),
  DEADLINE_EXCEEDED("The photo waited too long"),
  UNAUTHENTICATED("A key is needed"),
  FORBIDDEN("Not allowed");

  /** In metrics, a fault of ours. */
  public static final String INTERNAL = "internal";

  /** In metrics, a caller who left. */
  public static final String CANCELLED = "cancelled";

  private final String title;

  Refusal(String title) {
    this.title = title;
  }

  /** Every reason in metrics: the refusals', a fault of ours, and a caller who left. */
  public static List<String> reasons() {
    return Stream.concat(Arrays.stream(values()).map(Refusal::slug), Stream.of(INTERNAL, CANCELLED))
        .toList();
  }

  /** A line for people. */
  public String title() {
    return title;
  }

  /** A stable name for programs, the reason in metrics: {@code not-a-photo}. */
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * How a request ends that is refused so. A key that has used up its rate says nothing of the
   * service's load: more replicas would not let it in.
   */
  public Outcome outcome() {
    return switch (this) {
      case QUEUE_FULL -> Outcome.OVERLOADED;
      case DEADLINE_EXCEEDED -> Outcome.CANCELLED;
      case NOT_A_PHOTO,
          BROKEN_PHOTO,
          MISSING_PHOTO,
          MALFORMED_REQUEST,
          INVALID_PARAMETER,
          UNKNOWN_BACKEND,
          UNKNOWN_MODEL,
          MODEL_REFUSED,
          UNSUPPORTED_MEDIA_TYPE,
          TOO_LARGE,
          TOO_SLOW,
          RATE_LIMITED,
          UNAUTHENTICATED,
          FORBIDDEN ->
          Outcome.REFUSED;
    };
  }

  /** The refusal that a failure is; empty when it is a fault of ours. */
  public static Optional<Refusal> of(RuntimeException failure) {
    return switch (failure) {
      case RefusedException e -> Optional.of(e.refusal());
      case PhotoRefusedException e -> Optional.of(of(e.reason()));
      case UnknownBackendException _ -> Optional.of(UNKNOWN_BACKEND);
      case UnknownModelException _ -> Optional.of(UNKNOWN_MODEL);
      case ModelRefusedException _ -> Optional.of(MODEL_REFUSED);
      case RejectedExecutionException _ -> Optional.of(QUEUE_FULL);
      case DeadlineExceededException _ -> Optional.of(DEADLINE_EXCEEDED);
      default -> Optional.empty();
    };
  }

  /** What is said of a refused request: it may quote the caller, who can send megabytes. */
  public static String message(RuntimeException failure) {
    return Shortened.of(String.valueOf(failure.getMessage()));
  }

  /**
   * Seconds after which what was refused may be taken: a queue is worked off in less than one, and
   * so is what holds the memory. Empty where it would be refused again.
   */
  public static OptionalLong secondsUntilRetry(RuntimeException failure) {
    Optional<Refusal> refusal = of(failure);
    if (refusal.filter(r -> r == QUEUE_FULL || r == RATE_LIMITED).isEmpty()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(failure instanceof RefusedException e ? e.secondsUntilRetry() : 1);
  }

  /**
   * Counts a failure and says what it is, as {@link #of} does. Whoever gave up is neither refused
   * nor met by a fault of ours.
   */
  public static Optional<Refusal> counted(RuntimeException failure, RequestMetrics metrics) {
    if (failure instanceof CancellationException) {
      metrics.refused(CANCELLED, Outcome.CANCELLED);
      return Optional.empty();
    }
    Optional<Refusal> refusal = of(failure);
    Outcome outcome =
        failure instanceof DeadlineExceededException late && late.ofService()
            ? Outcome.OVERLOADED
            : refusal.map(Refusal::outcome).orElse(Outcome.ERROR);
    metrics.refused(refusal.map(Refusal::slug).orElse(INTERNAL), outcome);
    if (refusal.isEmpty()) {
      metrics.broken(failure);
    }
    return refusal;
  }

  static Refusal of(PhotoRefusedException.Reason reason) {
    return switch (reason) {
      case EMPTY -> MISSING_PHOTO;
      case NOT_A_PHOTO -> NOT_A_PHOTO;
      case UNSUPPORTED_FORMAT -> UNSUPPORTED_MEDIA_TYPE;
      case TRUNCATED, BROKEN, UNREADABLE -> BROKEN_PHOTO;
      case TOO_MANY_BYTES, TOO_MANY_PIXELS -> TOO_LARGE;
    };
  }
}
