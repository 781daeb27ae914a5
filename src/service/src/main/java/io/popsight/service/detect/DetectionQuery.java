package io.popsight.service.detect;

import io.popsight.backend.Scratch;
import io.popsight.detection.Candidate;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tile;
import io.popsight.geometry.Tiling;
import io.popsight.model.ModelMetadata;
import io.popsight.service.model.ServedModel;
import java.util.List;
import java.util.Set;

/**
 * What a caller wants to know of a photo.
 *
 * @param limits thresholds and number of boxes
 * @param labels class names to keep; empty keeps all
 * @param selection which of their boxes
 * @param grayscale whether the photo is looked at without its colours
 * @param tiling parts that are looked at besides the whole photo
 */
public record DetectionQuery(
    DetectionLimits limits,
    Set<String> labels,
    Selection selection,
    boolean grayscale,
    Tiling tiling) {

  /** Everywhere on the photo. */
  public DetectionQuery(DetectionLimits limits, Set<String> labels, Tiling tiling) {
    this(limits, labels, Zones.EVERYWHERE, false, tiling);
  }

  /** The parts of a photo that are looked at besides the whole of it. */
  List<Tile> tiles(int photoWidth, int photoHeight, ModelMetadata model) {
    return tiling.tiles(photoWidth, photoHeight, model.inputWidth(), model.inputHeight());
  }

  /** How often the network ran for a photo of this size. */
  public int looks(PhotoAnswer.Image photo, ServedModel model) {
    return 1 + tiles(photo.width(), photo.height(), model.metadata()).size();
  }

  /** What was found and is wanted, best first: what is not wanted takes nobody's place. */
  List<Detection> detections(
      Detector detector, Scratch scratch, Letterbox letterbox, List<Candidate> ofTiles) {
    ModelMetadata model = detector.metadata();
    DetectionLimits all =
        new DetectionLimits(limits.minScore(), limits.iou(), DetectionLimits.MOST_DETECTIONS);
    return detector.detections(scratch, 0, letterbox, all, ofTiles).stream()
        .filter(found -> keeps(model.label(found.classId()), found, letterbox))
        .limit(limits.maxDetections())
        .toList();
  }

  private boolean keeps(String label, Detection found, Letterbox photo) {
    return (labels.isEmpty() || labels.contains(label))
        && selection.keeps(label, found, photo.photoWidth(), photo.photoHeight());
  }

  /** What a model's file and settings ask for of a whole photo. */
  public static DetectionQuery defaults(ServedModel model) {
    return new DetectionQuery(
        new DetectionLimits(model.minScore(), model.iou(), DetectionLimits.DEFAULT_MAX_DETECTIONS),
        Set.copyOf(model.keptLabels()),
        Tiling.NONE);
  }
}
