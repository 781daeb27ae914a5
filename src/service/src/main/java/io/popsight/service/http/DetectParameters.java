package io.popsight.service.http;

import io.popsight.geometry.Polygon;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.Zones;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Query parameters, read in the caller's terms.
 *
 * @param values all values of a parameter
 */
record DetectParameters(Function<String, List<String>> values) {

  private static final int MAX_ZONES = 32;

  /** What else an answer can be than the usual JSON. */
  enum Format {
    POPSIGHT,
    COCO
  }

  /** Those of a request whose body may be a form. */
  static DetectParameters of(HttpServletRequest request) {
    return new DetectParameters(
        name -> {
          String[] values = request.getParameterValues(name);
          return values == null ? List.of() : List.of(values);
        });
  }

  DetectionRequest read() {
    return new DetectionRequest(
        text("model"),
        text("version"),
        text("backend"),
        number("min_score", "a number in 0..1", Float::valueOf),
        number("iou", "a number in 0..1", Float::valueOf),
        number("max_detections", "a whole number in 1..10000", Integer::valueOf),
        text("labels").map(DetectionRequest::listed).orElse(List.of()),
        zones(),
        false,
        number("tiles", "a whole number in 1..4", Integer::valueOf));
  }

  Format format() {
    return choice("format", Format.class).orElse(Format.POPSIGHT);
  }

  /** Whether the caller wants to see where the layers fired. */
  boolean explainsSpikes() {
    Optional<String> explain = text("explain");
    if (explain.isPresent() && !explain.get().equals("spikes")) {
      throw invalid("explain", "spikes", explain.get());
    }
    return explain.isPresent();
  }

  Optional<String> text(String name) {
    return values.apply(name).stream().findFirst().filter(value -> !value.isEmpty());
  }

  private Zones zones() {
    List<String> zones = values.apply("zone").stream().filter(zone -> !zone.isEmpty()).toList();
    if (zones.size() > MAX_ZONES) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "zone may be given %d times, got %d".formatted(MAX_ZONES, zones.size()));
    }
    return new Zones(
        zones.stream().map(DetectParameters::polygon).toList(),
        choice("zone_point", Zones.Point.class).orElse(Zones.Point.CENTER));
  }

  private static Polygon polygon(String zone) {
    String wanted = "at least three corners in pixels, x1,y1,x2,y2,x3,y3";
    String[] numbers = zone.split(",", -1);
    if (numbers.length % 2 != 0) {
      throw invalid("zone", wanted, zone);
    }
    float[] xs = new float[numbers.length / 2];
    float[] ys = new float[numbers.length / 2];
    try {
      for (int corner = 0; corner < xs.length; corner++) {
        xs[corner] = Float.parseFloat(numbers[2 * corner]);
        ys[corner] = Float.parseFloat(numbers[2 * corner + 1]);
      }
    } catch (NumberFormatException e) {
      throw invalid("zone", wanted, zone);
    }
    try {
      return new Polygon(xs, ys);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.INVALID_PARAMETER, "zone: " + e.getMessage());
    }
  }

  private <T extends Enum<T>> Optional<T> choice(String name, Class<T> of) {
    Optional<String> value = text(name);
    List<T> choices = List.of(of.getEnumConstants());
    Optional<T> chosen =
        choices.stream()
            .filter(c -> value.equals(Optional.of(c.name().toLowerCase(Locale.ROOT))))
            .findFirst();
    if (value.isPresent() && chosen.isEmpty()) {
      List<String> names = choices.stream().map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
      throw invalid(name, String.join(" or ", names), value.get());
    }
    return chosen;
  }

  /** A number above 0. */
  <T extends Number> Optional<T> positive(String name, Function<String, T> parse) {
    String wanted = "a number above 0";
    Optional<T> number = number(name, wanted, parse);
    // Written so that NaN is refused too.
    if (number.isPresent() && !(number.get().doubleValue() > 0)) {
      throw invalid(name, wanted, String.valueOf(number.get()));
    }
    return number;
  }

  private <T> Optional<T> number(String name, String wanted, Function<String, T> parse) {
    Optional<String> value = text(name);
    try {
      return value.map(parse);
    } catch (NumberFormatException e) {
      throw invalid(name, wanted, value.orElse(""));
    }
  }

  private static RefusedException invalid(String name, String wanted, String got) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER, "%s must be %s, got '%s'".formatted(name, wanted, got));
  }
}
