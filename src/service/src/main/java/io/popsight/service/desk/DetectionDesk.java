package io.popsight.service.desk;

import io.popsight.detection.Detection;
import io.popsight.imaging.Annotator;
import io.popsight.imaging.Photo;
import io.popsight.model.ModelMetadata;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.detect.Seen;
import io.popsight.service.detect.Sight;
import io.popsight.service.metrics.CpuTime;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.StageTraces;
import io.popsight.service.model.ModelLease;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Where every door brings its photos: finds the model, waits for a worker, counts the answer. */
@Component
public final class DetectionDesk {

  private final ModelRegistry models;
  private final InferencePool pool;
  private final PhotoDetection detection;
  private final DetectionMetrics metrics;
  private final StageTraces traces;

  DetectionDesk(
      ModelRegistry models,
      InferencePool pool,
      PhotoDetection detection,
      DetectionMetrics metrics,
      StageTraces traces) {
    this.models = models;
    this.pool = pool;
    this.detection = detection;
    this.metrics = metrics;
    this.traces = traces;
  }

  /**
   * Refuses a request that no photo could make good; does nothing else.
   *
   * @throws RuntimeException as {@link #answer} does
   */
  public void check(DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      DetectionQuery _ = request.query(lease.model());
      ModelMetadata model = lease.model().metadata();
      RequestInProgress.current().ifPresent(r -> r.answeredBy(model.name(), model.version()));
    }
  }

  /**
   * Answers a photo; waits for it.
   *
   * @param photo encoded bytes
   * @throws RuntimeException of which {@link Refusal#of} says whether the caller is at fault
   */
  public PhotoAnswer answer(byte[] photo, DetectionRequest request) {
    return see(photo, request, sight -> photo).answer();
  }

  /**
   * Answers photos one after another, all of them by the same model; waits for them.
   *
   * @throws RuntimeException as {@link #answer} does
   */
  public List<PhotoAnswer> answers(List<byte[]> photos, DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      return photos.stream()
          .map(photo -> see(photo, request, lease.model(), sight -> photo).answer())
          .toList();
    }
  }

  /**
   * The photo with boxes drawn on it, as a file; waits for it.
   *
   * @param encoder writes the file
   * @throws RuntimeException as {@link #answer} does
   */
  public byte[] picture(byte[] photo, DetectionRequest request, Function<Photo, byte[]> encoder) {
    return pictured(photo, request, (label, found, width, height) -> true, encoder).picture();
  }

  /**
   * Answers a photo and makes something of the sight of it; waits for it.
   *
   * @param view runs where the photo was looked at
   * @throws RuntimeException as {@link #answer} does
   */
  public <T> Seen<T> see(byte[] photo, DetectionRequest request, Function<Sight, T> view) {
    try (ModelLease lease = lease(request)) {
      return see(photo, request, lease.model(), view);
    }
  }

  /** Which of the boxes found are wanted. */
  @FunctionalInterface
  public interface Selection {

    /** Whether it is; the label is the model's own. */
    boolean keeps(String label, Detection found, int photoWidth, int photoHeight);
  }

  /**
   * An answer and the photo with boxes as a file.
   *
   * @param picture has the wanted boxes only, the answer has all
   */
  public record Pictured(PhotoAnswer answer, byte[] picture) {}

  /**
   * Both at once; waits for them.
   *
   * @throws RuntimeException as {@link #answer} does
   */
  public Pictured pictured(
      byte[] photo, DetectionRequest request, Selection wanted, Function<Photo, byte[]> encoder) {
    Seen<byte[]> seen =
        see(
            photo,
            request,
            sight -> {
              Photo decoded = sight.photo();
              Annotator.draw(
                  decoded,
                  sight.detections().stream()
                      .filter(
                          d ->
                              wanted.keeps(
                                  sight.labels().get(d.classId()),
                                  d,
                                  decoded.width(),
                                  decoded.height()))
                      .toList(),
                  sight.labels());
              return encoder.apply(decoded);
            });
    return new Pictured(seen.answer(), seen.view());
  }

  /**
   * Does something else than answering a photo: runs it on a worker, and waits for it.
   *
   * @param work is told how many nanoseconds it waited
   * @throws RuntimeException as {@link #answer} does
   */
  public <T> T run(DetectionRequest request, BiFunction<ServedModel, Long, T> work) {
    try (ModelLease lease = lease(request)) {
      return pool.run(waited -> work.apply(lease.model(), waited));
    }
  }

  private <T> Seen<T> see(
      byte[] photo, DetectionRequest request, ServedModel model, Function<Sight, T> view) {
    DetectionQuery query = request.query(model);
    Optional<RequestInProgress> current = RequestInProgress.current();
    current.ifPresent(r -> r.answeredBy(model.metadata().name(), model.metadata().version()));
    long asked = System.currentTimeMillis();
    CpuTime cpu = new CpuTime();
    Seen<T> seen =
        pool.run(waited -> cpu.of(() -> detection.look(photo, model, query, waited, view)));
    PhotoAnswer answer = seen.answer();
    metrics.answered(answer, model, cpu.nanos());
    traces.answered(answer, asked);
    return current.map(r -> new Seen<>(answer.withRequestId(r.id()), seen.view())).orElse(seen);
  }

  private ModelLease lease(DetectionRequest request) {
    try {
      return models.lease(request.model(), request.version(), request.backend());
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.UNKNOWN_BACKEND, String.valueOf(e.getMessage()));
    }
  }
}
