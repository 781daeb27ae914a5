package io.popsight.service.model;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Helpers;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an operator wants of one model, {@code popsight.per-model[N].NAME}; what is left out is the
 * file's or the server's choice.
 *
 * @param name the model, as its file calls it
 * @param backend what runs it unless a request asks for another
 * @param threads threads that one photo may use, of popcount 16 at most; 0 lets popcount take as
 *     many workers that are idle as the process has cores, and onnx one thread
 * @param kernels which of the backend's kernels run it, {@code auto} where it should choose
 * @param minScore lowest score kept, 0 to 1
 * @param iou overlap that suppresses, 0 to 1
 * @param labels class names to keep; empty keeps all
 * @param tiles along the side of a photo that is longest for the network's input, 1 to 4: parts
 *     that are looked at besides the whole
 */
public record ModelSettings(
    @DefaultValue("") String name,
    @Nullable String backend,
    @DefaultValue("0") int threads,
    @DefaultValue(AUTO) String kernels,
    @Nullable Float minScore,
    @Nullable Float iou,
    @DefaultValue List<String> labels,
    @DefaultValue("1") int tiles) {

  /** The backend chooses its kernels. */
  static final String AUTO = "auto";

  /** Copies the labels. */
  public ModelSettings {
    labels = List.copyOf(labels);
  }

  /** Everything left to the file and the server. */
  public static ModelSettings none(String name) {
    return new ModelSettings(name, null, 0, AUTO, null, null, List.of(), 1);
  }

  /** What a backend is told of them. */
  BackendSettings forBackend(Helpers helpers) {
    return new BackendSettings(threads, helpers, Map.of("kernels", kernels));
  }

  /** Lowest score kept unless a request says otherwise. */
  public float minScore(ModelMetadata file) {
    return minScore == null ? file.minScore() : minScore;
  }

  /** Overlap that suppresses unless a request says otherwise. */
  public float iou(ModelMetadata file) {
    return iou == null ? file.iou() : iou;
  }

  /** Class names that answers can have. */
  public List<String> labels(ModelMetadata file) {
    return labels.isEmpty() ? file.labels() : labels;
  }

  /**
   * Checks the labels against what the model knows.
   *
   * @throws ModelRefusedException naming the label
   */
  void check(ModelMetadata metadata) {
    for (String label : labels) {
      if (!metadata.labels().contains(label)) {
        throw new ModelRefusedException(
            "popsight.per-model (%s).labels: the model does not know '%s'; it knows %s"
                .formatted(name, label, String.join(", ", metadata.labels())));
      }
    }
  }
}
