package io.popsight.service.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.Operations;
import io.popsight.service.model.ServedModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Records answers. */
public final class DetectionMetrics {

  private static final Duration[] QUEUE_BUCKETS =
      Buckets.seconds(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1);

  private static final Duration[] STAGE_BUCKETS =
      Buckets.seconds(.0001, .00025, .0005, .001, .002, .003, .005, .01, .02, .05, .1, .25, .5, 1);

  private static final double[] RATE_BUCKETS = {.02, .05, .1, .15, .2, .25, .3, .4, .5, .75, 1};

  private static final double[] SCORE_BUCKETS = {.1, .2, .3, .4, .5, .6, .7, .8, .9, 1};

  /** Longer than a request takes. */
  private static final Duration STRAGGLERS = Duration.ofSeconds(20);

  private final MeterRegistry registry;
  private final ConcurrentMap<ServedVersion, SpikeDrift> drifts = new ConcurrentHashMap<>();
  private final Set<ServedVersion> gone = ConcurrentHashMap.newKeySet();

  /** Rates of another version are other rates. */
  private record ServedVersion(String model, String version) {

    Tags tags() {
      return Tags.of("model", model, "version", version);
    }
  }

  /** Registers the gauges. */
  public DetectionMetrics(MeterRegistry registry, InferencePool pool, ModelRegistry models) {
    this.registry = registry;
    Gauge.builder("popsight.queue.depth", pool, InferencePool::queued).register(registry);
    Gauge.builder("popsight.queue.capacity", pool, InferencePool::capacity).register(registry);
    Gauge.builder("popsight.inference.threads", pool, InferencePool::threads).register(registry);
    new ModelMetrics(registry, models).follow();
    models.onChange(
        () -> {
          forgetAllBut(served(models));
          // Requests that the old version still answered are counted when they end.
          CompletableFuture.delayedExecutor(STRAGGLERS.toSeconds(), TimeUnit.SECONDS)
              .execute(() -> forgetAllBut(served(models)));
        });
  }

  private static Set<ServedVersion> served(ModelRegistry models) {
    return models.names().stream()
        .flatMap(name -> models.versions(name).stream())
        .map(m -> new ServedVersion(m.name(), m.version()))
        .collect(Collectors.toSet());
  }

  /** A folder that is followed for years would collect the series of every version ever. */
  private void forgetAllBut(Set<ServedVersion> served) {
    gone.addAll(drifts.keySet());
    gone.removeAll(served);
    for (ServedVersion version : gone) {
      List<Tag> tags = version.tags().stream().toList();
      registry.getMeters().stream()
          .filter(meter -> meter.getId().getTags().containsAll(tags))
          .forEach(registry::remove);
      drifts.remove(version);
    }
  }

  /**
   * A photo was answered.
   *
   * @param cpuNanos processor time that it took
   */
  public void answered(PhotoAnswer answer, ServedModel model, long cpuNanos) {
    ServedVersion served = new ServedVersion(answer.model(), answer.version());
    Tags tags = served.tags();
    PhotoAnswer.Timings t = answer.timingsMs();
    Timer.builder("popsight.queue.duration")
        .description("Wait for a worker")
        .tags(tags)
        .serviceLevelObjectives(QUEUE_BUCKETS)
        .register(registry)
        .record(duration(t.queue()));
    stage(tags, "decode", t.decode());
    stage(tags, "preprocess", t.preprocess());
    stage(tags, "infer", t.infer());
    stage(tags, "postprocess", t.postprocess());
    count("popsight.images", tags.and("backend", answer.backend()), 1);
    count("popsight.inference.cpu.seconds", tags, cpuNanos / 1e9);
    answer.detections().forEach(found -> detection(tags, found));
    for (PhotoAnswer.SpikeRate rate : answer.spikeRates()) {
      DistributionSummary.builder("popsight.spike.rate.ratio")
          .description("Share of a layer's units that fired for a photo")
          .tags(tags.and("layer", rate.layer()))
          .serviceLevelObjectives(RATE_BUCKETS)
          .register(registry)
          .record(rate.rate());
    }
    drifts.computeIfAbsent(served, s -> drift(s, answer.spikeRates())).seen(answer.spikeRates());
    model.facts().operations().ifPresent(operations -> operations(tags, operations, answer));
  }

  private void detection(Tags tags, PhotoAnswer.Found found) {
    count("popsight.detections", tags.and("label", found.label()), 1);
    DistributionSummary.builder("popsight.detection.score")
        .description("Scores of the boxes that were answered")
        .tags(tags)
        .serviceLevelObjectives(SCORE_BUCKETS)
        .register(registry)
        .record(found.score());
  }

  private void operations(Tags tags, Operations operations, PhotoAnswer answer) {
    Map<String, Double> rates =
        answer.spikeRates().stream()
            .collect(Collectors.toMap(PhotoAnswer.SpikeRate::layer, PhotoAnswer.SpikeRate::rate));
    double accumulates = operations.accumulates(rates);
    double macs = operations.multiplyAccumulates();
    count("popsight.operations", tags.and("kind", "multiply_accumulate"), macs);
    count("popsight.operations", tags.and("kind", "accumulate"), accumulates);
    count("popsight.modelled.energy.joules", tags, Operations.joules(macs, accumulates));
  }

  private SpikeDrift drift(ServedVersion served, List<PhotoAnswer.SpikeRate> layers) {
    SpikeDrift drift = new SpikeDrift(layers);
    Gauge.builder("popsight.spike.rate.drift.ratio", drift, SpikeDrift::ofModel)
        .description(
            "Distance of the live spike rates from training's; ./popsight drift finds a threshold")
        .tags(served.tags())
        .register(registry);
    for (int l = 0; l < layers.size(); l++) {
      int layer = l;
      Gauge.builder("popsight.spike.rate.layer.drift.ratio", drift, d -> d.ofLayer(layer))
          .tags(served.tags().and("layer", layers.get(l).layer()))
          .register(registry);
    }
    return drift;
  }

  private void stage(Tags tags, String stage, double millis) {
    Timer.builder("popsight.stage.duration")
        .description("Time of a stage of a photo's way")
        .tags(tags.and("stage", stage))
        .serviceLevelObjectives(STAGE_BUCKETS)
        .register(registry)
        .record(duration(millis));
  }

  private void count(String name, Tags tags, double amount) {
    Counter.builder(name).tags(tags).register(registry).increment(amount);
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos(Math.round(millis * 1e6));
  }
}
