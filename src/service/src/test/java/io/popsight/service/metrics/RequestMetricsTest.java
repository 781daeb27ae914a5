package io.popsight.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class RequestMetricsTest {

  private final ObservationRegistry observations = ObservationRegistry.create();
  private final List<Throwable> errors = new ArrayList<>();
  private final RequestMetrics metrics =
      new RequestMetrics(new SimpleMeterRegistry(), observations, Refusal.reasons());

  RequestMetricsTest() {
    observations
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public void onError(Observation.Context context) {
                errors.add(context.getError());
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
  }

  /** On the thread of a photo, as streams have it. */
  @Test
  void faultOfOurs_isAnErrorOfItsTrace_andARefusalIsNone() throws Exception {
    RuntimeException fault = new IllegalStateException("ours");
    RuntimeException refusal = new RefusedException(Refusal.QUEUE_FULL, "later");
    Observation stream = Observation.start("stream", observations);
    RequestMetrics.Photos photos = stream.scoped(() -> metrics.stream(Door.rest("native")));

    Thread photo =
        Thread.ofVirtual()
            .start(
                () -> {
                  var _ = photos.answer(() -> Refusal.counted(refusal, metrics));
                  var _ = photos.answer(() -> Refusal.counted(fault, metrics));
                });
    photo.join();

    assertThat(errors).containsExactly(fault);
  }

  @Test
  void requestWithinAnother_leavesItsIdInTheLogs() {
    RequestInProgress outer = metrics.arrived(Door.rest("native"));
    RequestInProgress inner = metrics.arrived(Door.rest("native"));
    List<String> ids = new ArrayList<>();

    metrics.within(
        outer,
        () -> {
          metrics.within(inner, () -> ids.add(MDC.get("request_id")));
          ids.add(MDC.get("request_id"));
        });

    assertThat(ids).containsExactly(inner.id(), outer.id());
    assertThat(MDC.get("request_id")).isNull();
  }
}
