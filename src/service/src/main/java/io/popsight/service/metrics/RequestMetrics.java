package io.popsight.service.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Counts and times requests for detections, whichever door they come through. */
public final class RequestMetrics {

  private static final Logger LOG = LoggerFactory.getLogger(RequestMetrics.class);

  private static final Duration[] BUCKETS =
      Buckets.seconds(.005, .01, .02, .03, .05, .075, .1, .15, .25, .5, 1, 2.5, 5);

  private final MeterRegistry registry;
  private final ObservationRegistry observations;
  private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Work of a request. */
  @FunctionalInterface
  public interface Work<E extends Exception> {

    /** Does it, on this thread. */
    void run() throws E;
  }

  /**
   * Registers what needs no request.
   *
   * @param observations what knows the trace of what runs on a thread
   * @param reasons why requests get no detections
   */
  public RequestMetrics(
      MeterRegistry registry, ObservationRegistry observations, List<String> reasons) {
    this.registry = registry;
    this.observations = observations;
    Gauge.builder("popsight.inflight.requests", inFlight, AtomicInteger::get)
        .description("Requests for detections being read, waited for or answered")
        .register(registry);
    // All of them from the start: a rate sees nothing of a series whose first value is no zero.
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(
          outcome,
          Counter.builder("popsight.requests")
              .description("Requests for detections, and photos of streams, by how they ended")
              .tag("outcome", outcome.label())
              .register(registry));
    }
    reasons.forEach(reason -> rejected(RequestInProgress.Served.NOBODY, reason));
  }

  /** A request arrived; to be followed by {@link #ended}. */
  public RequestInProgress arrived(Door door) {
    inFlight.incrementAndGet();
    return new RequestInProgress(door);
  }

  /** Does a part of a request on this thread, whose logs then carry its id. */
  public <E extends Exception> void within(RequestInProgress request, Work<E> work) throws E {
    RequestInProgress _ =
        callWithin(
            request,
            () -> {
              work.run();
              return request;
            });
  }

  /** Does a part of a request that something comes of, else as {@link #within}. */
  public <T, E extends Exception> T callWithin(
      RequestInProgress request, ScopedValue.CallableOp<T, E> work) throws E {
    String around = MDC.get(RequestInProgress.ID);
    MDC.put(RequestInProgress.ID, request.id());
    try {
      return ScopedValue.where(RequestInProgress.CURRENT, request).call(work);
    } finally {
      if (around == null) {
        MDC.remove(RequestInProgress.ID);
      } else {
        MDC.put(RequestInProgress.ID, around);
      }
    }
  }

  /** A request was answered, whatever with. */
  public void ended(RequestInProgress request, Outcome outcome) {
    inFlight.decrementAndGet();
    Objects.requireNonNull(outcomes.get(outcome)).increment();
    long nanos = request.nanos();
    Door door = request.door();
    RequestInProgress.Served served = request.served();
    Timer.builder("popsight.request.duration")
        .description(
            "From the arrival of a request for detections, or of a stream's photo, to its answer")
        .tags("model", served.model(), "version", served.version())
        .tags("api", door.api(), "interface", door.transport(), "outcome", outcome.label())
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(Duration.ofNanos(nanos));
    if (LOG.isDebugEnabled()) {
      within(
          request,
          () ->
              LOG.atDebug()
                  .addKeyValue("model", served.model())
                  .addKeyValue("version", served.version())
                  .addKeyValue("api", door.api())
                  .addKeyValue("interface", door.transport())
                  .addKeyValue("outcome", outcome.label())
                  .addKeyValue("duration_ms", nanos / 1_000_000)
                  .log("Request answered"));
    }
  }

  /** A stream of photos, which this thread begins and others answer. */
  public Photos stream(Door door) {
    return new Photos(door, observations.getCurrentObservation());
  }

  /** Photos of a stream, each measured as a request of its own, and all in the stream's trace. */
  public final class Photos {

    private final Door door;
    private final @Nullable Observation stream;

    private Photos(Door door, @Nullable Observation stream) {
      this.door = door;
      this.stream = stream;
    }

    /** Answers one; it ends well or as was told. */
    public <T> T answer(Supplier<T> work) {
      return stream == null ? measured(work) : stream.scoped(() -> measured(work));
    }

    private <T> T measured(Supplier<T> work) {
      RequestInProgress started = arrived(door);
      Outcome untold = Outcome.ERROR;
      try {
        T answer = callWithin(started, work::get);
        untold = Outcome.OK;
        return answer;
      } finally {
        ended(started, started.outcome(untold));
      }
    }
  }

  /** A request failed by a fault of ours, which its trace is to show as one. */
  public void broken(RuntimeException fault) {
    Observation request = observations.getCurrentObservation();
    if (request != null) {
      request.error(fault);
    }
  }

  /**
   * A request got no detections.
   *
   * @param reason one of a closed list
   * @param outcome how the request in progress ends by it, whatever status goes over the wire
   */
  public void refused(String reason, Outcome outcome) {
    Optional<RequestInProgress> request = RequestInProgress.current();
    request.ifPresent(r -> r.endsAs(outcome));
    RequestInProgress.Served served =
        request.map(RequestInProgress::served).orElse(RequestInProgress.Served.NOBODY);
    rejected(served, reason).increment();
  }

  private Counter rejected(RequestInProgress.Served served, String reason) {
    return Counter.builder("popsight.requests.rejected")
        .description("Requests that got no detections")
        .tags("model", served.model(), "reason", reason)
        .register(registry);
  }
}
