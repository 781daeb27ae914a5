package io.popsight.service.http;

import io.popsight.model.ModelMetadata;
import io.popsight.service.model.ModelRegistry;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** {@code GET /v1/models}: what can be asked for. */
@RestController
class ModelsController {

  private final ModelRegistry models;

  ModelsController(ModelRegistry models) {
    this.models = models;
  }

  /** All models. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Listing(String defaultModel, String defaultBackend, List<Entry> models) {}

  /** One model; figures are those of the version that answers. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Entry(
      String name,
      List<String> versions,
      boolean isDefault,
      List<String> labels,
      int inputWidth,
      int inputHeight,
      float minScore,
      float iou,
      List<String> backends,
      double map50,
      double map,
      String measuredOn,
      List<Rate> spikeRates) {}

  /** Share of ones over the training photos. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Rate(String layer, double trainingRate) {}

  @GetMapping("/v1/models")
  Listing list() {
    List<String> backends = new ArrayList<>();
    models.backendNames().forEach(backends::add);
    return new Listing(
        models.defaultModel(),
        models.defaultBackend(),
        models.names().stream().map(name -> entry(name, backends)).toList());
  }

  private Entry entry(String name, List<String> backends) {
    List<ModelMetadata> versions = models.versions(name);
    ModelMetadata last = versions.getLast();
    return new Entry(
        name,
        versions.stream().map(ModelMetadata::version).toList(),
        name.equals(models.defaultModel()),
        last.labels(),
        last.inputWidth(),
        last.inputHeight(),
        last.minScore(),
        last.iou(),
        backends,
        last.training().map50(),
        last.training().map(),
        last.training().dataSet() + "/" + last.training().split(),
        last.spikeLayers().stream().map(l -> new Rate(l.name(), l.trainingRate())).toList());
  }
}
