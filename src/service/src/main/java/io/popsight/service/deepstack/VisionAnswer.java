package io.popsight.service.deepstack;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.popsight.service.detect.CocoLabels;
import io.popsight.service.detect.PhotoAnswer;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What both servers answer, in one document: DeepStack's clients read {@code success}, {@code
 * predictions}, {@code duration} and {@code error}, CodeProject.AI's the rest as well.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record VisionAnswer(
    boolean success,
    int code,
    @Nullable String error,
    @Nullable String message,
    @Nullable Integer count,
    @Nullable List<Prediction> predictions,
    double duration,
    @Nullable Long inferenceMs,
    @Nullable Long processMs,
    @Nullable Long analysisRoundTripMs,
    @Nullable String moduleId,
    @Nullable String moduleName,
    @Nullable String command,
    @Nullable String requestId,
    @Nullable String inferenceDevice,
    @Nullable String processedBy,
    @Nullable String timestampUTC) {

  /** An object; whole pixels of the photo. */
  record Prediction(
      float confidence,
      String label,
      @JsonProperty("y_min") int yMin,
      @JsonProperty("x_min") int xMin,
      @JsonProperty("y_max") int yMax,
      @JsonProperty("x_max") int xMax) {

    private static Prediction of(PhotoAnswer.Found found, PhotoAnswer.Image image) {
      PhotoAnswer.Box box = found.box();
      return new Prediction(
          found.score(),
          CocoLabels.of(found.label()),
          pixel(box.yMin(), image.height()),
          pixel(box.xMin(), image.width()),
          pixel(box.yMax(), image.height()),
          pixel(box.xMax(), image.width()));
    }

    private static int pixel(float edge, int size) {
      return Math.clamp(Math.round(edge), 0, size);
    }
  }

  static VisionAnswer of(PhotoAnswer answer) {
    List<Prediction> predictions =
        answer.detections().stream().map(found -> Prediction.of(found, answer.image())).toList();
    PhotoAnswer.Timings t = answer.timingsMs();
    return new VisionAnswer(
        true,
        200,
        null,
        message(predictions),
        predictions.size(),
        predictions,
        t.total() / 1000,
        Math.round(t.infer()),
        Math.round(t.total() - t.queue()),
        Math.round(t.total()),
        "popsight",
        answer.model(),
        "detect",
        answer.requestId(),
        "CPU",
        "localhost",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
  }

  static VisionAnswer failed(int code, String error) {
    return new VisionAnswer(
        false, code, error, null, null, null, 0, null, null, null, null, null, null, null, null,
        null, null);
  }

  private static String message(List<Prediction> predictions) {
    return predictions.isEmpty()
        ? "No objects found"
        : "Found "
            + predictions.stream()
                .map(Prediction::label)
                .distinct()
                .collect(Collectors.joining(", "));
  }
}
