package io.popsight.service.detect;

import io.popsight.backend.Scratch;
import io.popsight.detection.Candidate;
import io.popsight.detection.Detection;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tile;
import io.popsight.geometry.Tiling;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.ReducedPhoto;
import io.popsight.model.ModelMetadata;
import io.popsight.model.SpikeLayer;
import io.popsight.service.model.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** Decode, letterbox, infer, decode the heads: one photo, one thread. */
public final class PhotoDetection {

  private final PhotoDecoder decoder;

  /** With the decoder that bounds photos. */
  public PhotoDetection(PhotoDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Looks at a photo.
   *
   * @param photo encoded bytes
   * @param queuedNanos how long the photo waited before
   * @throws io.popsight.imaging.PhotoRefusedException if the bytes are no photo
   */
  public PhotoAnswer look(byte[] photo, ServedModel model, DetectionQuery query, long queuedNanos) {
    return see(photo, model, query, queuedNanos, false).answer();
  }

  /**
   * Looks at a photo and keeps what more can be made of it.
   *
   * @param spikes whether to tell where each layer fired, which costs another run of the network
   * @throws io.popsight.imaging.PhotoRefusedException if the bytes are no photo
   */
  public Sight see(
      byte[] photo, ServedModel model, DetectionQuery query, long queuedNanos, boolean spikes) {
    long start = System.nanoTime();
    int width = model.metadata().inputWidth();
    int height = model.metadata().inputHeight();
    Tiling tiling = query.tiling();
    try (ReducedPhoto decoded =
        decoder.decodeFor(photo, tiling.pixels(width), tiling.pixels(height))) {
      if (query.grayscale()) {
        decoded.grayscale();
      }
      Clock clock = new Clock(queuedNanos, start, System.nanoTime(), 0);
      List<Tile> tiles = query.tiles(decoded.width(), decoded.height(), model.metadata());
      return model.withScratch(
          scratch -> {
            byte[] pixels = scratch.pixels();
            long tilesBegin = System.nanoTime();
            // Before the whole photo, whose spikes and maps then stay in the scratch.
            List<Candidate> ofTiles =
                model
                    .detector()
                    .candidates(
                        scratch,
                        tiles,
                        tile -> Letterboxer.place(decoded, tile, pixels, width, height),
                        query.limits());
            Looked looked =
                look(
                    scratch,
                    model,
                    query,
                    clock.withTiles(System.nanoTime() - tilesBegin),
                    s -> Letterboxer.place(decoded, s.pixels(), 0, width, height),
                    ofTiles);
            return new Sight(
                looked.answer(),
                () -> whole(photo, query),
                looked.letterbox(),
                looked.detections(),
                model.metadata().labels(),
                spikes ? model.detector().spikeMaps(scratch) : List.of());
          });
    }
  }

  private Photo whole(byte[] photo, DetectionQuery query) {
    Photo whole = decoder.decode(photo);
    if (query.grayscale()) {
      whole.grayscale();
    }
    return whole;
  }

  /**
   * Looks at pixels that are the network's input already.
   *
   * @param input puts them there, and says which part of them a photo is
   * @param view reads what else the run left in its memory
   */
  public static PhotoAnswer look(
      ServedModel model,
      DetectionQuery query,
      long queuedNanos,
      Function<Scratch, Letterbox> input,
      Consumer<Scratch> view) {
    long start = System.nanoTime();
    return model.withScratch(
        scratch -> {
          Clock clock = new Clock(queuedNanos, start, start, 0);
          Looked looked = look(scratch, model, query, clock, input, List.of());
          view.accept(scratch);
          return looked.answer();
        });
  }

  /** How long the photo waited, and when its stages so far began and ended; nanoseconds. */
  private record Clock(long queued, long start, long afterDecode, long tiles) {

    /** With the time of all tiles, which counts as the network's. */
    Clock withTiles(long nanos) {
      return new Clock(queued, start, afterDecode, nanos);
    }
  }

  private record Looked(PhotoAnswer answer, Letterbox letterbox, List<Detection> detections) {}

  private static Looked look(
      Scratch scratch,
      ServedModel model,
      DetectionQuery query,
      Clock clock,
      Function<Scratch, Letterbox> input,
      List<Candidate> ofTiles) {
    Detector detector = model.detector();
    ModelMetadata metadata = model.metadata();
    Letterbox letterbox = input.apply(scratch);
    long afterPreprocess = System.nanoTime();
    detector.infer(scratch, 1);
    long afterInfer = System.nanoTime();
    List<Detection> detections = query.detections(detector, scratch, letterbox, ofTiles);
    long end = System.nanoTime();
    PhotoAnswer answer =
        new PhotoAnswer(
            metadata.name(),
            metadata.version(),
            model.backend(),
            new PhotoAnswer.Image(letterbox.photoWidth(), letterbox.photoHeight()),
            detections.stream().map(d -> found(d, metadata)).toList(),
            new PhotoAnswer.Timings(
                millis(clock.queued()),
                millis(clock.afterDecode() - clock.start()),
                millis(afterPreprocess - clock.afterDecode() - clock.tiles()),
                millis(afterInfer - afterPreprocess + clock.tiles()),
                millis(end - afterInfer),
                millis(clock.queued() + end - clock.start())),
            spikeRates(scratch, metadata),
            UUID.randomUUID().toString());
    return new Looked(answer, letterbox, detections);
  }

  private static PhotoAnswer.Found found(Detection d, ModelMetadata metadata) {
    return new PhotoAnswer.Found(
        metadata.label(d.classId()),
        d.classId(),
        d.score(),
        new PhotoAnswer.Box(d.box().xMin(), d.box().yMin(), d.box().xMax(), d.box().yMax()));
  }

  private static List<PhotoAnswer.SpikeRate> spikeRates(Scratch scratch, ModelMetadata metadata) {
    List<PhotoAnswer.SpikeRate> rates = new ArrayList<>();
    for (int l = 0; l < metadata.spikeLayers().size(); l++) {
      SpikeLayer layer = metadata.spikeLayers().get(l);
      double rate = (double) scratch.spikeCounts()[l][0] / layer.units();
      rates.add(new PhotoAnswer.SpikeRate(layer.name(), rate, layer.trainingRate()));
    }
    return rates;
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }
}
