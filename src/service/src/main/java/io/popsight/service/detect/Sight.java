package io.popsight.service.detect;

import io.popsight.backend.SpikeMap;
import io.popsight.detection.Detection;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Annotator;
import io.popsight.imaging.Photo;
import java.util.List;
import java.util.function.Function;

/**
 * A photo that was looked at, and what was seen on it.
 *
 * @param photo decoded, upright; freed with the sight
 * @param letterbox where it lies in the network's input
 * @param detections best first
 * @param labels class names, the index being the class id
 * @param spikeMaps where each layer fired, if that was asked for
 */
public record Sight(
    PhotoAnswer answer,
    Photo photo,
    Letterbox letterbox,
    List<Detection> detections,
    List<String> labels,
    List<SpikeMap> spikeMaps)
    implements AutoCloseable {

  /** Draws the boxes on the photo, and writes it as a file. */
  public byte[] annotated(Function<Photo, byte[]> encoder) {
    Annotator.draw(photo, detections, labels);
    return encoder.apply(photo);
  }

  @Override
  public void close() {
    photo.close();
  }
}
