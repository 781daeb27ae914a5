package io.popsight.service.doods;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.popsight.service.detect.CocoLabels;
import io.popsight.service.detect.PhotoAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What comes back; what is not there is left out, as clients take any {@code error} for one.
 *
 * @param image base64 of the photo with boxes
 * @param duration milliseconds
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DoodsAnswer(
    @Nullable String id,
    @Nullable String image,
    List<Found> detections,
    @Nullable Long duration,
    @Nullable String error) {

  static DoodsAnswer failed(@Nullable String id, String error) {
    return new DoodsAnswer(id, null, List.of(), null, error);
  }

  /**
   * An object.
   *
   * @param top edges as shares of the photo's sides
   * @param confidence in percent
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Found(
      @Nullable String regionId,
      float top,
      float left,
      float bottom,
      float right,
      String label,
      float confidence) {

    static Found of(String label, float score, PhotoAnswer.Box box, PhotoAnswer.Image image) {
      return new Found(
          null,
          box.yMin() / image.height(),
          box.xMin() / image.width(),
          box.yMax() / image.height(),
          box.xMax() / image.width(),
          CocoLabels.of(label),
          100 * score);
    }

    Found in(@Nullable String region) {
      return new Found(region, top, left, bottom, right, label, confidence);
    }
  }
}
