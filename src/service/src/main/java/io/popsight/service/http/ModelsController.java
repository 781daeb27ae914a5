package io.popsight.service.http;

import io.popsight.model.ModelMetadata;
import io.popsight.service.model.ListedModel;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ModelSettings;
import java.util.List;
import java.util.Locale;
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
  record Listing(
      String defaultModel, String defaultBackend, List<Entry> models, List<Refused> refused) {}

  /** A file of the folder that does not answer, and why. */
  record Refused(String file, String fault, String reason) {}

  /** One model; figures are those of the version that answers. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Entry(
      String name,
      List<String> versions,
      boolean isDefault,
      String defaultBackend,
      List<String> labels,
      List<Integer> classIds,
      int inputWidth,
      int inputHeight,
      float minScore,
      float iou,
      int tiles,
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
    List<String> backends = models.backendNames();
    List<ListedModel> listed = models.listed();
    return new Listing(
        listed.stream()
            .filter(ListedModel::isDefault)
            .map(ListedModel::name)
            .findFirst()
            .orElseGet(models::defaultModel),
        models.defaultBackend(),
        listed.stream().map(model -> entry(model, backends)).toList(),
        models.refused().stream()
            .map(r -> new Refused(r.file(), r.fault().name().toLowerCase(Locale.ROOT), r.reason()))
            .toList());
  }

  private static Entry entry(ListedModel model, List<String> backends) {
    ModelMetadata last = model.newest();
    ModelSettings settings = model.settings();
    List<String> labels = settings.labels(last);
    return new Entry(
        model.name(),
        model.versions().stream().map(ModelMetadata::version).toList(),
        model.isDefault(),
        model.backend(),
        labels,
        labels.stream().map(last.labels()::indexOf).toList(),
        last.inputWidth(),
        last.inputHeight(),
        settings.minScore(last),
        settings.iou(last),
        settings.tiles(),
        backends,
        last.training().map50(),
        last.training().map(),
        last.training().dataSet() + "/" + last.training().split(),
        last.spikeLayers().stream().map(l -> new Rate(l.name(), l.trainingRate())).toList());
  }
}
