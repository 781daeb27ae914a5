package io.popsight.service.metrics;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.popsight.service.detect.PhotoAnswer;
import java.util.concurrent.TimeUnit;

/**
 * A span for every photo under that of its request, and under it one for every stage. They are
 * written after the photo was answered, from the times in the answer: the way itself knows nothing
 * of tracing.
 */
public final class StageTraces {

  private final Tracer tracer;

  /** With what makes the spans. */
  public StageTraces(Tracer tracer) {
    this.tracer = tracer;
  }

  /**
   * A photo was answered.
   *
   * @param askedMillis when it was asked for, in milliseconds since 1970
   */
  public void answered(PhotoAnswer answer, long askedMillis) {
    Span request = tracer.currentSpan();
    // Not whether it records: the request that opened a socket is over when photos come over it.
    if (request == null || !Boolean.TRUE.equals(request.context().sampled())) {
      return;
    }
    PhotoAnswer.Timings t = answer.timingsMs();
    double at = askedMillis * 1e3;
    Span photo = begun(request, "photo", at);
    photo
        .tag("popsight.model", answer.model())
        .tag("popsight.version", answer.version())
        .tag("popsight.backend", answer.backend())
        .tag("popsight.detections", answer.detections().size());
    at = stage(photo, "queue", at, t.queue());
    at = stage(photo, "decode", at, t.decode());
    at = stage(photo, "preprocess", at, t.preprocess());
    at = stage(photo, "infer", at, t.infer());
    at = stage(photo, "postprocess", at, t.postprocess());
    photo.end(Math.round(at), TimeUnit.MICROSECONDS);
  }

  private double stage(Span photo, String name, double atMicros, double millis) {
    double end = atMicros + millis * 1e3;
    begun(photo, name, atMicros).end(Math.round(end), TimeUnit.MICROSECONDS);
    return end;
  }

  private Span begun(Span parent, String name, double atMicros) {
    return tracer
        .spanBuilder()
        .setParent(parent.context())
        .name("popsight." + name)
        .startTimestamp(Math.round(atMicros), TimeUnit.MICROSECONDS)
        .start();
  }
}
