package io.popsight.service.detect;

import io.popsight.backend.SpikeMap;
import io.popsight.detection.Detection;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Annotator;
import io.popsight.imaging.Photo;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What was seen on a photo.
 *
 * @param whole decodes the photo with all its pixels, upright: the network saw as many as it needs
 * @param letterbox where it lies in the network's input
 * @param detections best first
 * @param labels class names, the index being the class id
 * @param spikeMaps where each layer fired, if that was asked for
 */
public record Sight(
    PhotoAnswer answer,
    Supplier<Photo> whole,
    Letterbox letterbox,
    List<Detection> detections,
    List<String> labels,
    List<SpikeMap> spikeMaps) {

  /** Makes something of the photo, which is decoded for it and freed after it. */
  public <T> T onPhoto(Function<Photo, T> made) {
    try (Photo photo = whole.get()) {
      return made.apply(photo);
    }
  }

  /** Draws the boxes on the photo, and writes it as a file. */
  public byte[] annotated(Function<Photo, byte[]> encoder) {
    return onPhoto(
        photo -> {
          Annotator.draw(photo, detections, labels);
          return encoder.apply(photo);
        });
  }
}
