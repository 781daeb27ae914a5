package io.popsight.service.oip;

import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An infer request, whichever door it came through.
 *
 * @param parameters of the request: text, number or boolean
 * @param inputs checked against the view, each once
 * @param outputs names asked for, each once; empty asks for all
 */
public record InferenceRequest(
    Map<String, Object> parameters, List<Tensor> inputs, List<String> outputs) {

  /**
   * Parameters of a tensor without which its answer would be another one, and what is done here.
   */
  private static final Map<String, String> UNSUPPORTED =
      Map.of(
          "shared_memory_region", "tensors are sent in the request and its answer",
          "classification", "outputs are numbers, not the names of the highest");

  /**
   * Checks what a request says beside a tensor; what makes no difference is left alone.
   *
   * @throws RefusedException naming what cannot be done
   */
  static void requireSupported(String tensor, Set<String> parameters) {
    UNSUPPORTED.forEach(
        (name, instead) -> {
          if (parameters.contains(name)) {
            throw refused("%s of '%s' is not supported: %s", name, tensor, instead);
          }
        });
  }

  Tensor input(String name) {
    return inputs.stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * What it asks of the detector. Parameters that are not Popsight's are other servers' and are
   * left alone.
   */
  DetectionRequest detection(String model, String version) {
    return new DetectionRequest(
        Optional.of(model),
        Optional.of(version),
        text("backend"),
        number("min_score").map(Double::floatValue),
        number("iou").map(Double::floatValue),
        whole("max_detections"),
        text("labels").map(DetectionRequest::listed).orElse(List.of()),
        whole("tiles"));
  }

  private Optional<String> text(String name) {
    Object value = parameters.get(name);
    if (value == null || "".equals(value)) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw refused("%s must be text, got %s", name, value);
  }

  private Optional<Double> number(String name) {
    Object value = parameters.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Number number) {
      return Optional.of(number.doubleValue());
    }
    try {
      return Optional.of(Double.valueOf(value.toString()));
    } catch (NumberFormatException e) {
      throw refused("%s must be a number, got '%s'", name, value);
    }
  }

  private Optional<Integer> whole(String name) {
    Optional<Double> number = number(name);
    if (number.isPresent() && number.get().intValue() != number.get()) {
      throw refused("%s must be a whole number, got %s", name, number.get());
    }
    return number.map(Double::intValue);
  }

  private static RefusedException refused(String message, Object... values) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER, "parameter " + message.formatted(values));
  }
}
