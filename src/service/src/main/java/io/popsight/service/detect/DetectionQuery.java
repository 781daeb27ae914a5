package io.popsight.service.detect;

import io.popsight.detection.DetectionLimits;
import java.util.Set;

/**
 * What a caller wants to know of a photo.
 *
 * @param limits thresholds and number of boxes
 * @param labels class names to keep; empty keeps all
 */
public record DetectionQuery(DetectionLimits limits, Set<String> labels) {}
