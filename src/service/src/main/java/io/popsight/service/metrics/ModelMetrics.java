package io.popsight.service.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.popsight.model.ModelMetadata;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.RefusedFile;
import io.popsight.service.model.ServedModel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which models serve and which files are refused, kept up with the folder. */
final class ModelMetrics {

  private final ModelRegistry models;
  private final MultiGauge info;
  private final MultiGauge ready;
  private final MultiGauge load;
  private final MultiGauge refused;

  ModelMetrics(MeterRegistry registry, ModelRegistry models) {
    this.models = models;
    this.info = MultiGauge.builder("popsight.model.info").register(registry);
    this.ready = MultiGauge.builder("popsight.model.ready").register(registry);
    this.load = MultiGauge.builder("popsight.model.load.duration.seconds").register(registry);
    this.refused = MultiGauge.builder("popsight.model.refused").register(registry);
  }

  void follow() {
    models.onChange(this::update);
  }

  private synchronized void update() {
    List<ServedModel> serving = models.ready();
    // Of what answers unless a version is named: replicas that differ in it are what an alert looks
    // for, while an older version is ready only where somebody asked for it.
    Map<String, String> newest = new HashMap<>();
    serving.forEach(m -> newest.put(m.metadata().name(), m.metadata().version()));
    info.register(
        serving.stream()
            .filter(m -> m.metadata().version().equals(newest.get(m.metadata().name())))
            .map(m -> MultiGauge.Row.of(info(m), 1))
            .toList(),
        true);
    // A model may serve on two backends; it is one model.
    Map<Tags, Double> loads = new LinkedHashMap<>();
    serving.forEach(m -> loads.merge(tags(m), m.facts().loadSeconds(), Math::max));
    ready.register(loads.keySet().stream().map(t -> MultiGauge.Row.of(t, 1)).toList(), true);
    load.register(
        loads.entrySet().stream().map(e -> MultiGauge.Row.of(e.getKey(), e.getValue())).toList(),
        true);
    refused.register(
        models.refused().stream().map(file -> MultiGauge.Row.of(tags(file), 1)).toList(), true);
  }

  private static Tags tags(ServedModel model) {
    return Tags.of("model", model.metadata().name(), "version", model.metadata().version());
  }

  private static Tags info(ServedModel model) {
    ModelMetadata metadata = model.metadata();
    return tags(model)
        .and("backend", model.backend(), "kernels", model.kernels())
        .and("weight_bits", model.facts().weightBits(), "sha256", model.facts().sha256())
        .and("input_size", metadata.inputWidth() + "x" + metadata.inputHeight());
  }

  /** The reason in words is in the log and in {@code GET /v1/models}. */
  private static Tags tags(RefusedFile file) {
    return Tags.of("file", file.file(), "fault", file.fault().name().toLowerCase(Locale.ROOT));
  }
}
