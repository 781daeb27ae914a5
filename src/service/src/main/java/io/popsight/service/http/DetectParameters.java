package io.popsight.service.http;

import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Query parameters, read in the caller's terms. */
record DetectParameters(HttpServletRequest request) {

  DetectionRequest read() {
    return new DetectionRequest(
        text("model"),
        text("version"),
        text("backend"),
        number("min_score", "a number in 0..1", Float::valueOf),
        number("iou", "a number in 0..1", Float::valueOf),
        number("max_detections", "a whole number in 1..10000", Integer::valueOf),
        text("labels")
            .map(all -> Arrays.stream(all.split(",", -1)).map(String::strip).toList())
            .orElse(List.of()));
  }

  private Optional<String> text(String name) {
    return Optional.ofNullable(request.getParameter(name)).filter(value -> !value.isEmpty());
  }

  private <T> Optional<T> number(String name, String wanted, Function<String, T> parse) {
    try {
      return text(name).map(parse);
    } catch (NumberFormatException e) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "%s must be %s, got '%s'".formatted(name, wanted, request.getParameter(name)));
    }
  }
}
