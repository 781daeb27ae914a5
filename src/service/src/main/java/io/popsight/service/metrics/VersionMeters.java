package io.popsight.service.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.popsight.model.SpikeLayer;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.energy.Operations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The meters of a version of a model. Those of its layers and stages, two dozen, are looked up once
 * and not for each photo.
 */
final class VersionMeters {

  private static final Duration[] QUEUE_BUCKETS =
      Buckets.seconds(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1);

  private static final Duration[] STAGE_BUCKETS =
      Buckets.seconds(.0001, .00025, .0005, .001, .002, .003, .005, .01, .02, .05, .1, .25, .5, 1);

  private static final double[] RATE_BUCKETS = {.02, .05, .1, .15, .2, .25, .3, .4, .5, .75, 1};

  private static final double[] SCORE_BUCKETS = {.1, .2, .3, .4, .5, .6, .7, .8, .9, 1};

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer queue;
  private final Timer decode;
  private final Timer preprocess;
  private final Timer infer;
  private final Timer postprocess;
  private final Counter cpuSeconds;
  private final DistributionSummary scores;
  private final List<SpikeLayer> layers;
  private final List<DistributionSummary> rates;
  private final SpikeDrift drift;
  private final List<Gauge> drifts;

  /**
   * Registers them.
   *
   * @param tags name and version
   * @param layers those of the model
   */
  VersionMeters(MeterRegistry registry, Tags tags, List<SpikeLayer> layers) {
    this.registry = registry;
    this.tags = tags;
    this.queue =
        Timer.builder("popsight.queue.duration")
            .description("Wait for a worker")
            .tags(tags)
            .serviceLevelObjectives(QUEUE_BUCKETS)
            .register(registry);
    this.decode = stage("decode");
    this.preprocess = stage("preprocess");
    this.infer = stage("infer");
    this.postprocess = stage("postprocess");
    this.cpuSeconds = counter("popsight.inference.cpu.seconds", tags);
    this.scores =
        DistributionSummary.builder("popsight.detection.score")
            .description("Scores of the boxes that were answered")
            .tags(tags)
            .serviceLevelObjectives(SCORE_BUCKETS)
            .register(registry);
    this.layers = layers;
    this.rates = layers.stream().map(layer -> rate(layer.name())).toList();
    this.drift = new SpikeDrift(layers.stream().mapToDouble(SpikeLayer::trainingRate).toArray());
    this.drifts = drifts();
  }

  /** Whether a model's layers are these and fired as much in training. */
  boolean areOf(List<SpikeLayer> others) {
    return layers.equals(others);
  }

  /** What is of these layers goes; another network of the same version goes on with the rest. */
  void removeLayers() {
    rates.forEach(registry::remove);
    drifts.forEach(registry::remove);
  }

  /** A worker had a photo. */
  void worked(long waitedNanos, long cpuNanos) {
    queue.record(waitedNanos, TimeUnit.NANOSECONDS);
    cpuSeconds.increment(cpuNanos / 1e9);
  }

  /** A photo was answered. */
  void answered(PhotoAnswer answer) {
    PhotoAnswer.Timings t = answer.timingsMs();
    record(decode, t.decode());
    record(preprocess, t.preprocess());
    record(infer, t.infer());
    record(postprocess, t.postprocess());
    counter("popsight.images", tags.and("backend", answer.backend())).increment();
    answer.detections().forEach(this::detection);
    for (int layer = 0; layer < rates.size(); layer++) {
      rates.get(layer).record(answer.spikeRates().get(layer).rate());
    }
    drift.seen(answer.spikeRates());
  }

  /** What the photo's network cost: each look as much as the one at the whole photo. */
  void operations(Operations operations, PhotoAnswer answer, int looks) {
    double[] told = answer.spikeRates().stream().mapToDouble(PhotoAnswer.SpikeRate::rate).toArray();
    double accumulates = operations.accumulates(told);
    double macs = operations.multiplyAccumulates();
    counter("popsight.operations", tags.and("kind", "multiply_accumulate")).increment(looks * macs);
    counter("popsight.operations", tags.and("kind", "accumulate")).increment(looks * accumulates);
    counter("popsight.modelled.energy.joules", tags)
        .increment(looks * operations.joules(accumulates));
  }

  private void detection(PhotoAnswer.Found found) {
    counter("popsight.detections", tags.and("label", found.label())).increment();
    scores.record(found.score());
  }

  private List<Gauge> drifts() {
    List<Gauge> gauges = new ArrayList<>();
    gauges.add(
        Gauge.builder("popsight.spike.rate.drift.ratio", drift, SpikeDrift::ofModel)
            .description(
                "Distance of the live spike rates from training's; ./popsight drift finds a"
                    + " threshold")
            .tags(tags)
            .register(registry));
    for (int l = 0; l < layers.size(); l++) {
      int layer = l;
      gauges.add(
          Gauge.builder("popsight.spike.rate.layer.drift.ratio", drift, d -> d.ofLayer(layer))
              .tags(tags.and("layer", layers.get(l).name()))
              .register(registry));
    }
    return gauges;
  }

  private DistributionSummary rate(String layer) {
    return DistributionSummary.builder("popsight.spike.rate.ratio")
        .description("Share of a layer's units that fired for a photo")
        .tags(tags.and("layer", layer))
        .serviceLevelObjectives(RATE_BUCKETS)
        .register(registry);
  }

  private Timer stage(String stage) {
    return Timer.builder("popsight.stage.duration")
        .description("Time of a stage of a photo's way")
        .tags(tags.and("stage", stage))
        .serviceLevelObjectives(STAGE_BUCKETS)
        .register(registry);
  }

  private Counter counter(String name, Tags own) {
    return Counter.builder(name).tags(own).register(registry);
  }

  private static void record(Timer timer, double millis) {
    timer.record(Math.round(millis * 1e6), TimeUnit.NANOSECONDS);
  }
}
