package io.popsight.detection;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.geometry.Letterbox;
import io.popsight.model.ModelMetadata;
import java.util.List;

/**
 * Pixels in, boxes out: runs a compiled model and reads its heads. Thread-safe as long as each
 * thread brings its own scratch.
 */
public final class Detector {

  private final CompiledModel model;
  private final HeadDecoder decoder;

  /** A detector over a compiled model, which stays the caller's to close. */
  public Detector(CompiledModel model) {
    this.model = model;
    this.decoder = new HeadDecoder(model.metadata());
  }

  /** What the model file says of itself. */
  public ModelMetadata metadata() {
    return model.metadata();
  }

  /** Memory for runs of up to a number of photos at once. */
  public Scratch newScratch(int maxBatch) {
    return model.newScratch(maxBatch);
  }

  /**
   * Runs the network on the first {@code batch} photos of {@link Scratch#pixels()}.
   *
   * @throws IllegalArgumentException if the batch is empty or larger than the scratch
   */
  public void infer(Scratch scratch, int batch) {
    scratch.checkBatch(batch);
    model.run(scratch, batch);
  }

  /** Where every spike layer fires for the first photo of {@link Scratch#pixels()}. */
  public List<SpikeMap> spikeMaps(Scratch scratch) {
    return model.spikeMaps(scratch);
  }

  /**
   * The boxes of one photo of the last run, best first, in pixels of that photo; around the whole
   * photo where the model says what photos show.
   */
  public List<Detection> detections(
      Scratch scratch, int photo, Letterbox letterbox, DetectionLimits limits) {
    List<Candidate> candidates =
        metadata().classifies()
            ? WholePhoto.decode(
                metadata().heads().getFirst(),
                scratch.headSums()[0],
                photo,
                letterbox,
                limits.minScore())
            : decoder.decode(scratch.headSums(), photo, letterbox, limits.lowestVote());
    return NonMaximumSuppression.suppress(candidates, limits);
  }
}
