package io.popsight.trainer.evaluate;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.detection.Candidate;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.geometry.Tiling;
import io.popsight.imaging.Disturbance;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.imaging.ReducedPhoto;
import io.popsight.model.ModelFile;
import io.popsight.model.SpikeLayer;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A model file measured on photos, through the backend that will serve it.
 *
 * @param result average precision
 * @param spikeRates mean share of ones a layer, by name
 * @param photos what was found, down to scores that serving would drop
 * @param speed of this run
 * @param accuracy share of the photos whose best class is theirs, where whole photos are classified
 */
public record ExportedEvaluation(
    EvaluationResult result,
    SequencedMap<String, Double> spikeRates,
    List<DetectedPhoto> photos,
    Speed speed,
    OptionalDouble accuracy) {

  /** The backend that serves by default. */
  public static final String DEFAULT_BACKEND = "popcount";

  /** Low, so that the whole curve is seen. */
  public static final float MIN_SCORE = 0.005f;

  private static final long NOISE_SEED = 1;

  /** Photos behind which code is compiled well enough that a median tells of the network. */
  private static final int WARM = 60;

  /** Accuracy, and a comma for what follows, where whole photos are classified. */
  public String accuracyText() {
    return accuracy.isPresent() ? "accuracy %.4f, ".formatted(accuracy.getAsDouble()) : "";
  }

  /**
   * Evaluates; its speed is that of code that may not be compiled yet.
   *
   * @param set its labels must be the model's
   * @param backend name of the backend
   */
  public static ExportedEvaluation of(DataSet set, Path model, String backend) {
    return walked(
        set, model, backend, Tiling.NONE, Optional.empty(), walk -> walk.evaluate(photo -> {}));
  }

  /**
   * Evaluates photos that are spoilt, things staying where they are, otherwise as {@link #of}.
   *
   * @param disturbance what spoils them
   */
  public static ExportedEvaluation disturbed(
      DataSet set, Path model, String backend, Disturbance disturbance) {
    return walked(
        set,
        model,
        backend,
        Tiling.NONE,
        Optional.of(disturbance),
        walk -> walk.evaluate(photo -> {}));
  }

  /**
   * Evaluates as {@link #of}, warmed up for a speed that is the network's.
   *
   * @param tiling parts that are looked at besides the whole of each photo
   * @param done told of each photo when it has been looked at
   */
  public static ExportedEvaluation timed(
      DataSet set, Path model, String backend, Tiling tiling, Consumer<LabeledPhoto> done) {
    return walked(
        set,
        model,
        backend,
        tiling,
        Optional.empty(),
        walk -> {
          walk.warmUp();
          return walk.evaluate(done);
        });
  }

  private static ExportedEvaluation walked(
      DataSet set,
      Path model,
      String backend,
      Tiling tiling,
      Optional<Disturbance> disturbance,
      Function<Walk, ExportedEvaluation> way) {
    ModelFile file = ModelFile.read(model);
    if (file.metadata().classifies()) {
      set.requireOneClassEach();
    }
    try (CompiledModel compiled =
        Backends.installed().open(backend, BackendSettings.DEFAULT).compile(file)) {
      return way.apply(new Walk(set, new Detector(compiled), tiling, disturbance));
    }
  }

  /** One pass over the photos. */
  private static final class Walk {
    private final DataSet set;
    private final Detector detector;
    private final Tiling tiling;
    private final Optional<Disturbance> disturbance;
    private final Scratch scratch;
    private final DetectionLimits limits;
    private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    private final Speed.Clock clock = new Speed.Clock();
    private final long[] ones;

    Walk(DataSet set, Detector detector, Tiling tiling, Optional<Disturbance> disturbance) {
      this.set = set;
      this.tiling = tiling;
      this.disturbance = disturbance;
      this.detector = detector;
      this.scratch = detector.newScratch(1);
      this.limits =
          new DetectionLimits(
              MIN_SCORE, detector.metadata().iou(), DetectionLimits.DEFAULT_MAX_DETECTIONS);
      this.ones = new long[detector.metadata().spikeLayers().size()];
    }

    ExportedEvaluation evaluate(Consumer<LabeledPhoto> done) {
      List<DetectedPhoto> photos = new ArrayList<>();
      for (LabeledPhoto labeled : set.photos()) {
        photos.add(new DetectedPhoto(labeled, detect(labeled.photo())));
        done.accept(labeled);
      }
      SequencedMap<String, Double> rates = new LinkedHashMap<>();
      for (int l = 0; l < ones.length; l++) {
        SpikeLayer layer = detector.metadata().spikeLayers().get(l);
        rates.put(layer.name(), (double) ones[l] / layer.units() / set.photos().size());
      }
      return new ExportedEvaluation(
          new AveragePrecision(photos, set.labels()).measure(),
          rates,
          List.copyOf(photos),
          clock.medians(),
          detector.metadata().classifies()
              ? OptionalDouble.of(accuracy(photos))
              : OptionalDouble.empty());
    }

    /** Of few photos a median would tell how long an interpreter takes. */
    void warmUp() {
      int photos = set.photos().size();
      for (int i = 0; i < WARM && photos < 2 * WARM; i++) {
        detect(set.photos().get(i % photos).photo());
      }
      clock.forget();
      Arrays.fill(ones, 0);
    }

    private static double accuracy(List<DetectedPhoto> photos) {
      return photos.stream().mapToInt(photo -> isRight(photo) ? 1 : 0).average().orElse(0);
    }

    /** Of many classes none may have a score worth telling. */
    private static boolean isRight(DetectedPhoto photo) {
      int shown = photo.objects().getFirst().classId();
      return photo.detections().stream().limit(1).anyMatch(found -> found.classId() == shown);
    }

    private List<Detection> detect(Path path) {
      long start = System.nanoTime();
      Placed photo = place(path);
      long placed = System.nanoTime();
      detector.infer(scratch, 1);
      long inferred = System.nanoTime();
      for (int l = 0; l < ones.length; l++) {
        ones[l] += scratch.spikeCounts()[l][0];
      }
      List<Detection> found =
          detector.detections(scratch, 0, photo.letterbox(), limits, photo.ofTiles());
      long end = System.nanoTime();
      clock.photo(
          placed - start - photo.tilesNanos(),
          inferred - placed + photo.tilesNanos(),
          end - inferred);
      return found;
    }

    /** A photo in the network's input, and what its tiles showed before it came there. */
    private record Placed(Letterbox letterbox, List<Candidate> ofTiles, long tilesNanos) {}

    private Placed place(Path path) {
      int width = detector.metadata().inputWidth();
      int height = detector.metadata().inputHeight();
      byte[] pixels = scratch.pixels();
      if (disturbance.isEmpty()) {
        try (ReducedPhoto photo =
            decoder.decodeFor(path, tiling.pixels(width), tiling.pixels(height))) {
          long start = System.nanoTime();
          List<Candidate> ofTiles =
              detector.candidates(
                  scratch,
                  tiling.tiles(photo.width(), photo.height(), width, height),
                  tile -> Letterboxer.place(photo, tile, pixels, width, height),
                  limits);
          long nanos = System.nanoTime() - start;
          return new Placed(Letterboxer.place(photo, pixels, 0, width, height), ofTiles, nanos);
        }
      }
      try (Photo photo = decoder.decode(path);
          Photo spoilt = disturbance.get().apply(photo, NOISE_SEED)) {
        return new Placed(Letterboxer.place(spoilt, pixels, 0, width, height), List.of(), 0);
      }
    }
  }
}
