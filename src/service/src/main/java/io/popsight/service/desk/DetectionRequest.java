package io.popsight.service.desk;

import io.popsight.detection.DetectionLimits;
import io.popsight.geometry.Tiling;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.Selection;
import io.popsight.service.detect.Zones;
import io.popsight.service.model.ServedModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a caller asks for; what is left out is the model's or the server's choice.
 *
 * @param model name of the model
 * @param version one of its versions; the newest if left out
 * @param backend what shall run it
 * @param minScore lowest score kept, 0 to 1
 * @param iou overlap above which the lower-scored of two boxes of a class is dropped, 0 to 1
 * @param maxDetections most boxes, 1 to 10000
 * @param labels class names to keep; empty keeps all
 * @param selection which of their boxes
 * @param grayscale whether the photo is looked at without its colours
 * @param tiles along the side of the photo that is longest for the network's input, 1 to 4: parts
 *     that are looked at besides the whole
 */
public record DetectionRequest(
    Optional<String> model,
    Optional<String> version,
    Optional<String> backend,
    Optional<Float> minScore,
    Optional<Float> iou,
    Optional<Integer> maxDetections,
    List<String> labels,
    Selection selection,
    boolean grayscale,
    Optional<Integer> tiles) {

  /** Everywhere on the photo. */
  public DetectionRequest(
      Optional<String> model,
      Optional<String> version,
      Optional<String> backend,
      Optional<Float> minScore,
      Optional<Float> iou,
      Optional<Integer> maxDetections,
      List<String> labels,
      Optional<Integer> tiles) {
    this(
        model,
        version,
        backend,
        minScore,
        iou,
        maxDetections,
        labels,
        Zones.EVERYWHERE,
        false,
        tiles);
  }

  /** Labels as a parameter has them, with commas between. */
  public static List<String> listed(String labels) {
    return Arrays.stream(labels.split(",", -1)).map(String::strip).toList();
  }

  /** What shows one thing shows it as a whole. */
  private Tiling tiling(ServedModel model) {
    Tiling asked = tiles.map(Tiling::new).orElse(model.tiling());
    return model.metadata().classifies() ? Tiling.NONE : asked;
  }

  /**
   * The request with nothing left out.
   *
   * @throws RefusedException if a number is out of range or the model does not know a label
   */
  public DetectionQuery query(ServedModel model) {
    for (String label : labels) {
      if (!model.labels().contains(label)) {
        throw new RefusedException(
            Refusal.INVALID_PARAMETER,
            "labels: the model does not know '%s'; it knows %s"
                .formatted(label, String.join(", ", model.labels())));
      }
    }
    try {
      return new DetectionQuery(
          new DetectionLimits(
              minScore.orElse(model.minScore()),
              iou.orElse(model.iou()),
              maxDetections.orElse(DetectionLimits.DEFAULT_MAX_DETECTIONS)),
          Set.copyOf(labels.isEmpty() ? model.keptLabels() : labels),
          selection,
          grayscale,
          tiling(model));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.INVALID_PARAMETER, String.valueOf(e.getMessage()));
    }
  }
}
