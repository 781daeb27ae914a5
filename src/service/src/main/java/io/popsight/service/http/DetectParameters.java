package io.popsight.service.http;

import io.popsight.detection.DetectionLimits;
import io.popsight.model.ModelMetadata;
import io.popsight.service.detect.DetectionQuery;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Query parameters, checked in the caller's terms. */
record DetectParameters(HttpServletRequest request) {

  Optional<String> text(String name) {
    return Optional.ofNullable(request.getParameter(name)).filter(value -> !value.isEmpty());
  }

  DetectionQuery query(ModelMetadata model) {
    float minScore = number("min_score", model.minScore(), "a number in 0..1", Float::parseFloat);
    float iou = number("iou", model.iou(), "a number in 0..1", Float::parseFloat);
    int max =
        number(
            "max_detections",
            DetectionLimits.DEFAULT_MAX_DETECTIONS,
            "a whole number in 1..10000",
            Integer::parseInt);
    try {
      return new DetectionQuery(new DetectionLimits(minScore, iou, max), labels(model));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(Problem.INVALID_PARAMETER, String.valueOf(e.getMessage()));
    }
  }

  private Set<String> labels(ModelMetadata model) {
    Set<String> labels = new LinkedHashSet<>();
    for (String asked : text("labels").map(all -> List.of(all.split(",", -1))).orElse(List.of())) {
      String label = asked.strip();
      if (!model.labels().contains(label)) {
        throw new ProblemException(
            Problem.INVALID_PARAMETER,
            "labels: the model does not know '%s'; it knows %s"
                .formatted(label, String.join(", ", model.labels())));
      }
      labels.add(label);
    }
    return labels;
  }

  private <T> T number(String name, T otherwise, String wanted, Function<String, T> parse) {
    try {
      return text(name).map(parse).orElse(otherwise);
    } catch (NumberFormatException e) {
      throw new ProblemException(
          Problem.INVALID_PARAMETER,
          "%s must be %s, got '%s'".formatted(name, wanted, request.getParameter(name)));
    }
  }
}
