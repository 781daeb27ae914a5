package io.popsight.trainer.evaluate;

import io.popsight.detection.Detection;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.util.List;

/**
 * What is on a photo and what was found on it.
 *
 * @param photo with its objects, in pixels of the photo
 * @param detections best first, in pixels of the photo
 */
public record DetectedPhoto(LabeledPhoto photo, List<Detection> detections) {

  /** Copies the list. */
  public DetectedPhoto {
    detections = List.copyOf(detections);
  }

  /** What a person marked. */
  public List<GroundTruth> objects() {
    return photo.objects();
  }
}
