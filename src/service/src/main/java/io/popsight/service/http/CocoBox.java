package io.popsight.service.http;

import io.popsight.service.detect.PhotoAnswer;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One object as COCO's results format has it, ready for {@code COCO.loadRes}.
 *
 * @param imageId what the caller or the file's name says
 * @param categoryId the class id plus 1: COCO counts categories from 1
 * @param label the category's name, which COCO's tools pass over
 * @param bbox left, top, width, height in pixels of the photo
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record CocoBox(Object imageId, int categoryId, String label, float[] bbox, float score) {

  /** All objects of a photo. */
  static List<CocoBox> of(PhotoAnswer answer, Object imageId) {
    return answer.detections().stream().map(found -> of(found, imageId)).toList();
  }

  private static CocoBox of(PhotoAnswer.Found found, Object imageId) {
    PhotoAnswer.Box box = found.box();
    float[] bbox = {box.xMin(), box.yMin(), box.xMax() - box.xMin(), box.yMax() - box.yMin()};
    return new CocoBox(imageId, found.classId() + 1, found.label(), bbox, found.score());
  }

  /**
   * The id in a file's name, as COCO names its files: {@code 000000000139.jpg} is 139; a name that
   * is no number is the id itself.
   */
  static Object imageId(String name) {
    String stem = name.replaceFirst("\\.[^.]*$", "");
    return stem.matches("\\d{1,18}") ? (Object) Long.valueOf(stem) : name;
  }
}
