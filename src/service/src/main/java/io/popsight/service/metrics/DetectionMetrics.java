package io.popsight.service.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.popsight.model.ModelMetadata;
import io.popsight.model.SpikeLayer;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** Records photos and their answers. */
public final class DetectionMetrics {

  /** Longer than a request takes by default. */
  private static final Duration STRAGGLERS = Duration.ofSeconds(20);

  private final MeterRegistry registry;
  private final ConcurrentMap<ServedVersion, VersionMeters> meters = new ConcurrentHashMap<>();
  private final Set<ServedVersion> gone = new HashSet<>();

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
          forgetWhatIsGone(models);
          // Requests that the old version still answered are counted when they end.
          CompletableFuture.delayedExecutor(STRAGGLERS.toSeconds(), TimeUnit.SECONDS)
              .execute(() -> forgetWhatIsGone(models));
        });
  }

  /** A folder that is followed for years would collect the series of every version ever. */
  private synchronized void forgetWhatIsGone(ModelRegistry models) {
    // First what has answered, then what serves: a version that comes meanwhile has not gone.
    gone.addAll(meters.keySet());
    models.listed().stream()
        .flatMap(model -> model.versions().stream())
        .map(m -> new ServedVersion(m.name(), m.version()))
        .forEach(gone::remove);
    for (ServedVersion version : gone) {
      List<Tag> tags = version.tags().stream().toList();
      registry.getMeters().stream()
          .filter(meter -> meter.getId().getTags().containsAll(tags))
          .forEach(registry::remove);
      meters.remove(version);
    }
  }

  /**
   * A worker had a photo, whatever came of it.
   *
   * @param waitedNanos how long it waited before
   * @param cpuNanos processor time that it took
   */
  public void worked(ServedModel model, long waitedNanos, long cpuNanos) {
    metersOf(model).worked(waitedNanos, cpuNanos);
  }

  /**
   * A photo was answered.
   *
   * @param looks how often the network ran for it
   */
  public void answered(PhotoAnswer answer, ServedModel model, int looks) {
    VersionMeters own = metersOf(model);
    own.answered(answer);
    model.facts().operations().ifPresent(operations -> own.operations(operations, answer, looks));
  }

  /** A file may be replaced by another network's that calls itself the same version. */
  private VersionMeters metersOf(ServedModel model) {
    ModelMetadata metadata = model.metadata();
    ServedVersion served = new ServedVersion(metadata.name(), metadata.version());
    List<SpikeLayer> layers = metadata.spikeLayers();
    VersionMeters known = meters.get(served);
    if (known != null && known.areOf(layers)) {
      return known;
    }
    return meters.compute(
        served,
        (version, old) -> {
          if (old != null && old.areOf(layers)) {
            return old;
          }
          if (old != null) {
            old.removeLayers();
          }
          return new VersionMeters(registry, version.tags(), layers);
        });
  }
}
