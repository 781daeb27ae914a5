package io.popsight.service.detect;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The answer to one photo, the same at every door.
 *
 * @param model name of the model that answered
 * @param version its version
 * @param backend what ran it
 * @param image size of the photo, upright
 * @param detections best first
 * @param timingsMs where the time went, in milliseconds
 * @param spikeRates share of ones a layer
 * @param requestId for the logs of both sides
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PhotoAnswer(
    String model,
    String version,
    String backend,
    Image image,
    List<Found> detections,
    Timings timingsMs,
    List<SpikeRate> spikeRates,
    String requestId) {

  /** Size in pixels. */
  public record Image(int width, int height) {}

  /**
   * One object.
   *
   * @param box in pixels of the photo
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Found(String label, int classId, float score, Box box) {}

  /** Edges in pixels of the photo. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Box(float xMin, float yMin, float xMax, float yMax) {}

  /**
   * Milliseconds a stage.
   *
   * @param infer the network; with tiles all that was done for them
   */
  public record Timings(
      double queue,
      double decode,
      double preprocess,
      double infer,
      double postprocess,
      double total) {}

  /**
   * How much a layer fired.
   *
   * @param rate share of ones for this photo
   * @param trainingRate share of ones over the training photos
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record SpikeRate(String layer, double rate, double trainingRate) {}

  /** The same for a request that has an id already. */
  public PhotoAnswer withRequestId(String id) {
    return new PhotoAnswer(model, version, backend, image, detections, timingsMs, spikeRates, id);
  }
}
