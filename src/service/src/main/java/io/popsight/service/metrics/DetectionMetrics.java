package io.popsight.service.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Records answers and refusals. */
public final class DetectionMetrics {

  private static final Duration[] STAGE_BUCKETS =
      Arrays.stream(new double[] {.1, .25, .5, 1, 2, 3, 5, 10, 20, 50, 100, 250, 500, 1000})
          .mapToObj(ms -> Duration.ofNanos((long) (ms * 1e6)))
          .toArray(Duration[]::new);

  private static final double[] RATE_BUCKETS = {.02, .05, .1, .15, .2, .25, .3, .4, .5, .75, 1};

  private final MeterRegistry registry;
  private final ConcurrentMap<ServedVersion, SpikeDrift> drifts = new ConcurrentHashMap<>();

  /** Rates of another version are other rates. */
  private record ServedVersion(String model, String version) {}

  /** Registers the gauges. */
  public DetectionMetrics(MeterRegistry registry, InferencePool pool, ModelRegistry models) {
    this.registry = registry;
    Gauge.builder("popsight.queue.depth", pool, InferencePool::queued).register(registry);
    Gauge.builder("popsight.queue.capacity", pool, InferencePool::capacity).register(registry);
    Gauge.builder("popsight.inference.threads", pool, InferencePool::threads).register(registry);
    for (ServedModel model : models.ready()) {
      Gauge.builder("popsight.model.info", () -> 1)
          .tags(
              "model",
              model.metadata().name(),
              "version",
              model.metadata().version(),
              "backend",
              model.backend(),
              "kernels",
              model.kernels())
          .register(registry);
    }
  }

  /** A photo was answered. */
  public void answered(PhotoAnswer answer) {
    PhotoAnswer.Timings t = answer.timingsMs();
    stage(answer, "queue", t.queue());
    stage(answer, "decode", t.decode());
    stage(answer, "preprocess", t.preprocess());
    stage(answer, "infer", t.infer());
    stage(answer, "postprocess", t.postprocess());
    Counter.builder("popsight.images")
        .tags("model", answer.model(), "version", answer.version(), "backend", answer.backend())
        .register(registry)
        .increment();
    for (PhotoAnswer.SpikeRate rate : answer.spikeRates()) {
      DistributionSummary.builder("popsight.spike.rate.ratio")
          .tags("model", answer.model(), "layer", rate.layer())
          .serviceLevelObjectives(RATE_BUCKETS)
          .register(registry)
          .record(rate.rate());
    }
    drifts
        .computeIfAbsent(
            new ServedVersion(answer.model(), answer.version()),
            served -> drift(served, answer.spikeRates()))
        .seen(answer.spikeRates());
  }

  private SpikeDrift drift(ServedVersion served, List<PhotoAnswer.SpikeRate> layers) {
    SpikeDrift drift = new SpikeDrift(layers);
    Tags tags = Tags.of("model", served.model(), "version", served.version());
    Gauge.builder("popsight.spike.rate.drift.ratio", drift, SpikeDrift::ofModel)
        .tags(tags)
        .register(registry);
    for (int l = 0; l < layers.size(); l++) {
      int layer = l;
      Gauge.builder("popsight.spike.rate.layer.drift.ratio", drift, d -> d.ofLayer(layer))
          .tags(tags.and("layer", layers.get(l).layer()))
          .register(registry);
    }
    return drift;
  }

  /** A request to the API was answered, whatever with. */
  public void requested(int status, long nanos) {
    Timer.builder("popsight.request.duration")
        .tag("status", Integer.toString(status))
        .serviceLevelObjectives(STAGE_BUCKETS)
        .register(registry)
        .record(Duration.ofNanos(nanos));
  }

  /** A request was refused; reasons are a closed list. */
  public void refused(String reason) {
    Counter.builder("popsight.requests.rejected")
        .tag("reason", reason)
        .register(registry)
        .increment();
  }

  private void stage(PhotoAnswer answer, String stage, double millis) {
    Timer.builder("popsight.stage.duration")
        .tags("model", answer.model(), "version", answer.version(), "stage", stage)
        .serviceLevelObjectives(STAGE_BUCKETS)
        .register(registry)
        .record(Duration.ofNanos((long) (millis * 1e6)));
  }
}
