package io.popsight.service.detect;

import io.popsight.detection.DetectionLimits;
import io.popsight.service.model.ServedModel;
import java.util.Set;

/**
 * What a caller wants to know of a photo.
 *
 * @param limits thresholds and number of boxes
 * @param labels class names to keep; empty keeps all
 */
public record DetectionQuery(DetectionLimits limits, Set<String> labels) {

  /** Whether the caller wants boxes of that class. */
  public boolean keeps(String label) {
    return labels.isEmpty() || labels.contains(label);
  }

  /** What a model's file and settings ask for. */
  public static DetectionQuery defaults(ServedModel model) {
    return new DetectionQuery(
        new DetectionLimits(model.minScore(), model.iou(), DetectionLimits.DEFAULT_MAX_DETECTIONS),
        Set.copyOf(model.keptLabels()));
  }
}
