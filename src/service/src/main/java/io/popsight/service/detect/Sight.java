package io.popsight.service.detect;

import io.popsight.backend.SpikeMap;
import io.popsight.detection.Detection;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Photo;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is at hand when a photo has been looked at, until its memory is used for the next one.
 *
 * @param whole decodes the photo in full, upright; may be drawn on
 * @param letterbox where it lies in the network's input
 * @param detections best first
 * @param labels class names, the index being the class id
 * @param spikeMaps where each layer fired; costs another run of the network
 */
public record Sight(
    Supplier<Photo> whole,
    Letterbox letterbox,
    List<Detection> detections,
    List<String> labels,
    Supplier<List<SpikeMap>> spikeMaps) {

  /** The photo with all its pixels: the network saw as many as it needs. */
  public Photo photo() {
    return whole.get();
  }
}
