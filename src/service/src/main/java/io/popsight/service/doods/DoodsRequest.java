package io.popsight.service.doods;

import static io.popsight.service.desk.RefusedException.invalid;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a client asks; names and defaults are DOODS'.
 *
 * @param id echoed
 * @param detectorName a model, or {@code default}
 * @param data base64, or a URL
 * @param image the kind of picture that shall come back
 * @param throttle least seconds between two frames of a camera
 * @param preprocess what is done to photos before: {@code grayscale}
 * @param detect lowest confidence in percent a label; {@code *} is any
 * @param regions where to look besides
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record DoodsRequest(
    @Nullable String id,
    @Nullable String detectorName,
    @Nullable String data,
    @Nullable String image,
    @Nullable Float throttle,
    @Nullable List<String> preprocess,
    @Nullable Map<String, Float> detect,
    @Nullable List<Region> regions) {

  static final String ANY = "*";

  private static final String GRAYSCALE = "grayscale";
  private static final float MOST_SECONDS = 3600;

  /**
   * Part of the photo, in shares of its sides.
   *
   * @param covers whether a box must lie in it wholly; else touching is enough
   */
  record Region(
      @Nullable String id,
      float top,
      float left,
      float bottom,
      float right,
      @Nullable Map<String, Float> detect,
      @Nullable @JsonAlias("cover") Boolean covers) {

    Map<String, Float> wanted() {
      return detect == null ? Map.of() : detect;
    }
  }

  Map<String, Float> wanted() {
    return detect == null ? Map.of() : detect;
  }

  List<Region> places() {
    return regions == null ? List.of() : regions;
  }

  private List<String> steps() {
    return preprocess == null ? List.of() : preprocess;
  }

  private float seconds() {
    return throttle == null ? 0 : throttle;
  }

  boolean grayscale() {
    return steps().contains(GRAYSCALE);
  }

  Duration pause() {
    return Duration.ofNanos((long) (1e9 * seconds()));
  }

  Optional<String> model() {
    return Optional.ofNullable(detectorName)
        .filter(name -> !name.isEmpty() && !name.equals("default"));
  }

  /**
   * Checks what the types do not say.
   *
   * @throws RefusedException naming the field
   */
  DoodsRequest checked() {
    if (data == null || data.isBlank()) {
      throw new RefusedException(Refusal.MISSING_PHOTO, "data is missing: a photo as base64");
    }
    if (!Set.of(GRAYSCALE).containsAll(steps())) {
      throw invalid("preprocess can be grayscale, got %s", steps());
    }
    if (!(seconds() >= 0 && seconds() <= MOST_SECONDS)) {
      throw invalid("throttle must be in 0..%s seconds, got %s", MOST_SECONDS, seconds());
    }
    confidences()
        .filter(c -> !(c >= 0))
        .findFirst()
        .ifPresent(
            c -> {
              throw invalid("a confidence in detect must be in 0..100, got %s", c);
            });
    for (Region r : places()) {
      if (!(r.top >= 0 && r.left >= 0 && r.bottom <= 1 && r.right <= 1)
          || !(r.top < r.bottom && r.left < r.right)) {
        throw invalid(
            "a region must have 0 <= top < bottom <= 1 and 0 <= left < right <= 1: %s", r);
      }
    }
    return this;
  }

  /** The lowest confidence that any rule asks for, in percent; empty if there is no rule. */
  Optional<Float> lowest() {
    return confidences().min(Float::compare);
  }

  private Stream<Float> confidences() {
    return Stream.concat(Stream.of(wanted()), places().stream().map(Region::wanted))
        .flatMap(rules -> rules.values().stream());
  }
}
