package io.popsight.service.detect;

import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.model.ModelMetadata;
import io.popsight.service.model.ServedModel;
import java.util.Set;

/**
 * What a caller wants to know of a photo.
 *
 * @param limits thresholds and number of boxes
 * @param labels class names to keep; empty keeps all
 * @param zones where on the photo
 */
public record DetectionQuery(DetectionLimits limits, Set<String> labels, Zones zones) {

  /** Everywhere on the photo. */
  public DetectionQuery(DetectionLimits limits, Set<String> labels) {
    this(limits, labels, Zones.EVERYWHERE);
  }

  boolean keeps(Detection found, ModelMetadata model) {
    return (labels.isEmpty() || labels.contains(model.label(found.classId())))
        && zones.hold(found.box());
  }

  /** Limits that leave what {@link #keeps} drops out of the count. */
  DetectionLimits unfiltered() {
    return labels.isEmpty() && zones.areas().isEmpty()
        ? limits
        : new DetectionLimits(limits.minScore(), limits.iou(), DetectionLimits.MOST_DETECTIONS);
  }

  /** What a model's file and settings ask for. */
  public static DetectionQuery defaults(ServedModel model) {
    return new DetectionQuery(
        new DetectionLimits(model.minScore(), model.iou(), DetectionLimits.DEFAULT_MAX_DETECTIONS),
        Set.copyOf(model.keptLabels()));
  }
}
