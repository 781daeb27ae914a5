package io.popsight.service.oip;

import io.popsight.Build;
import io.popsight.model.ModelMetadata;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.model.IndexEntry;
import io.popsight.service.model.ListedModel;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ModelSettings;
import io.popsight.service.model.UnknownModelException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The protocol without its wire: what both doors, REST and gRPC, ask. */
@Component
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
public final class OpenInference {

  /** Name of the server in its metadata. */
  public static final String SERVER = "popsight";

  /** What is there besides the protocol's core. */
  public static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_repository", "model_configuration", "statistics");

  /** Form of the files behind the models. */
  static final String PLATFORM = "popsight_onnx";

  private final ModelRegistry models;
  private final DetectionDesk desk;
  private final ApplicationAvailability availability;
  private final InferenceStatistics statistics = new InferenceStatistics();

  OpenInference(ModelRegistry models, DetectionDesk desk, ApplicationAvailability availability) {
    this.models = models;
    this.desk = desk;
    this.availability = availability;
  }

  /** Version of the server in its metadata. */
  public String version() {
    return Build.version();
  }

  /** Whether photos are taken: there are models, they are warm and nobody has asked to stop. */
  public boolean ready() {
    return availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC
        && !models.isEmpty();
  }

  /** Names of the models, in alphabetical order. */
  public List<String> names() {
    return models.names();
  }

  /** A view and what is said of it. */
  public record Described(
      String name,
      List<String> versions,
      String platform,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      Map<String, String> properties) {}

  /**
   * What a model takes and gives.
   *
   * @param version empty takes the one that answers
   * @throws UnknownModelException if there is none
   */
  public Described describe(String name, String version) {
    Viewed viewed = viewed(name, version);
    ModelView view = viewed.view();
    ModelMetadata metadata = view.metadata();
    ModelSettings settings = viewed.model().settings();
    return new Described(
        view.name(),
        viewed.model().versions().stream().map(ModelMetadata::version).toList(),
        PLATFORM,
        view.inputs(),
        view.outputs(),
        Map.of(
            "labels", JsonMapper.shared().writeValueAsString(metadata.labels()),
            "min_score", Float.toString(settings.minScore(metadata)),
            "iou", Float.toString(settings.iou(metadata)),
            "views",
                "%1$s: encoded photos; %1$s%2$s: stretched floats; %1$s%3$s: the network"
                    .formatted(metadata.name(), PixelsView.SUFFIX, TensorView.SUFFIX)));
  }

  /** A view that a request is read against. */
  ModelView view(String name, String version) {
    return viewed(name, version).view();
  }

  /** A view and its model. */
  private record Viewed(ListedModel model, ModelView view) {}

  private Viewed viewed(String name, String version) {
    for (Named candidate : Named.readings(name)) {
      Optional<ListedModel> model = models.listed(candidate.model());
      if (model.isPresent()) {
        return new Viewed(model.get(), candidate.of(metadata(model.get(), version)));
      }
    }
    throw new UnknownModelException(name, models.names());
  }

  /** Whether there is such a view; empty takes any version. */
  boolean has(String name, String version) {
    try {
      ModelView _ = view(name, version);
      return true;
    } catch (UnknownModelException e) {
      return false;
    }
  }

  /**
   * Reads and runs a request by a view. Where the caller left the version open and the one that it
   * was read against is replaced before it runs, it is read again against the next.
   *
   * @param version empty takes the one that answers
   */
  <T> T by(String name, String version, Function<ModelView, T> work) {
    ModelView view = view(name, version);
    try {
      return work.apply(view);
    } catch (UnknownModelException e) {
      ModelView now = view(name, version);
      if (!version.isEmpty() || now.metadata().version().equals(view.metadata().version())) {
        throw e;
      }
      return by(name, version, work);
    }
  }

  private static ModelMetadata metadata(ListedModel model, String version) {
    List<ModelMetadata> versions = model.versions();
    return version.isEmpty()
        ? model.newest()
        : versions.stream()
            .filter(m -> m.version().equals(version))
            .findFirst()
            .orElseThrow(
                () ->
                    UnknownModelException.version(
                        model.name(),
                        version,
                        versions.stream().map(ModelMetadata::version).toList()));
  }

  /** A name as a model and its view; a model that is called so itself comes first. */
  private record Named(String model, String suffix) {

    static List<Named> readings(String name) {
      return List.of(
          new Named(name, ""), cut(name, TensorView.SUFFIX), cut(name, PixelsView.SUFFIX));
    }

    private static Named cut(String name, String suffix) {
      return name.endsWith(suffix)
          ? new Named(name.substring(0, name.length() - suffix.length()), suffix)
          : new Named("", suffix);
    }

    ModelView of(ModelMetadata metadata) {
      return switch (suffix) {
        case TensorView.SUFFIX -> new TensorView(metadata);
        case PixelsView.SUFFIX -> new PixelsView(metadata);
        default -> new PhotoView(metadata);
      };
    }
  }

  /** Runs a request, counts it. */
  InferenceAnswer infer(ModelView view, InferenceRequest request) {
    long start = System.nanoTime();
    try {
      InferenceAnswer answer = view.infer(desk, view.checked(request));
      statistics.succeeded(view, System.nanoTime() - start, answer);
      return answer.only(request.outputs());
    } catch (RuntimeException e) {
      statistics.failed(view, System.nanoTime() - start);
      throw e;
    }
  }

  /** Counts of one version of a view. */
  record Counted(String name, String version, InferenceStatistics.Sums sums) {}

  /**
   * What was inferred.
   *
   * @param name a view; empty for every model's photo view
   * @param version empty for all of its versions
   * @throws UnknownModelException if there is none
   */
  List<Counted> statistics(String name, String version) {
    if (name.isEmpty()) {
      return models.listed().stream().flatMap(model -> counted(model, model.name(), "")).toList();
    }
    Viewed viewed = viewed(name, version);
    return counted(viewed.model(), viewed.view().name(), version).toList();
  }

  private Stream<Counted> counted(ListedModel model, String view, String version) {
    return model.versions().stream()
        .map(ModelMetadata::version)
        .filter(each -> version.isEmpty() || each.equals(version))
        .map(each -> new Counted(view, each, statistics.of(view, each)));
  }

  /** A version of a model in the folder, as Triton lists it. */
  public record Listed(String name, String version, String state, String reason) {}

  /** What the folder holds; only what answers, if asked so. */
  List<Listed> index(boolean ready) {
    return models.index().stream()
        .filter(entry -> !ready || entry.state() == IndexEntry.State.READY)
        .map(
            entry ->
                new Listed(
                    entry.name(),
                    entry.version(),
                    entry.state() == IndexEntry.State.READY ? "READY" : "UNAVAILABLE",
                    entry.reason()))
        .toList();
  }

  /**
   * Reads a model's files now and serves them.
   *
   * @param parameters names of what else the caller wants; there is nothing else
   * @throws UnknownModelException if the folder has no such model
   */
  void load(String name, Set<String> parameters) {
    if (!parameters.isEmpty()) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "a model is loaded as it lies in the folder; no parameters, got " + parameters);
    }
    models.load(name);
  }

  /**
   * Stops serving a model.
   *
   * @throws UnknownModelException if there is none
   */
  void unload(String name) {
    models.unload(name);
  }
}
