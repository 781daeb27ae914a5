package io.popsight.service.metrics;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.popsight.service.detect.PhotoAnswer;
import java.util.concurrent.TimeUnit;

/**
 * A span for every stage of a photo's way, under the span of its request. They are written after
 * the photo was answered, from the times in the answer: the way itself knows nothing of tracing.
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
    if (request == null || request.isNoop()) {
      return;
    }
    request
        .tag("popsight.model", answer.model())
        .tag("popsight.version", answer.version())
        .tag("popsight.backend", answer.backend())
        .tag("popsight.detections", answer.detections().size());
    PhotoAnswer.Timings t = answer.timingsMs();
    double at = askedMillis * 1e3;
    at = stage(request, "queue", at, t.queue());
    at = stage(request, "decode", at, t.decode());
    at = stage(request, "preprocess", at, t.preprocess());
    at = stage(request, "infer", at, t.infer());
    double _ = stage(request, "postprocess", at, t.postprocess());
  }

  private double stage(Span request, String name, double atMicros, double millis) {
    double end = atMicros + millis * 1e3;
    tracer
        .spanBuilder()
        .setParent(request.context())
        .name("popsight." + name)
        .startTimestamp(Math.round(atMicros), TimeUnit.MICROSECONDS)
        .start()
        .end(Math.round(end), TimeUnit.MICROSECONDS);
    return end;
  }
}
