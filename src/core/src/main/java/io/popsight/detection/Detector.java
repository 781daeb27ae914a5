package io.popsight.detection;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tile;
import io.popsight.model.ModelMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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
   * Runs the network on tiles of a photo, one after the other, and suppresses the boxes of each as
   * the file says; not for a model that says what whole photos show.
   *
   * @param input writes a tile into the first place of {@link Scratch#pixels()}
   * @return what is small enough to be the tiles' to find, in pixels of the photo
   */
  public List<Candidate> candidates(
      Scratch scratch, List<Tile> tiles, Function<Tile, Letterbox> input, DetectionLimits limits) {
    DetectionLimits votes =
        new DetectionLimits(limits.lowestVote(), metadata().iou(), DetectionLimits.MOST_DETECTIONS);
    List<Candidate> found = new ArrayList<>();
    for (Tile tile : tiles) {
      Letterbox letterbox = input.apply(tile);
      infer(scratch, 1);
      // Suppressed first: parts of what is not the tile's to find fall with it.
      for (Detection seen : detections(scratch, 0, letterbox, votes)) {
        tile.toPhoto(seen.box())
            .map(box -> new Detection(seen.classId(), seen.score(), box))
            .ifPresent(own -> found.add(new Candidate(own, found.size())));
      }
    }
    return found;
  }

  /**
   * The boxes of one photo of the last run, best first, in pixels of that photo; around the whole
   * photo where the model says what photos show.
   */
  public List<Detection> detections(
      Scratch scratch, int photo, Letterbox letterbox, DetectionLimits limits) {
    return detections(scratch, photo, letterbox, limits, List.of());
  }

  /**
   * The same with what was found on tiles of the photo before.
   *
   * @param ofTiles from {@link #candidates}
   */
  public List<Detection> detections(
      Scratch scratch,
      int photo,
      Letterbox letterbox,
      DetectionLimits limits,
      List<Candidate> ofTiles) {
    List<Candidate> all =
        metadata().classifies()
            ? WholePhoto.decode(
                metadata().heads().getFirst(),
                scratch.headSums()[0],
                photo,
                letterbox,
                limits.minScore())
            : decoder.decode(scratch.headSums(), photo, letterbox, limits.lowestVote());
    all.addAll(ofTiles);
    return NonMaximumSuppression.suppress(all, limits);
  }
}
