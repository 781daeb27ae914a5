package io.popsight.service.desk;

import io.popsight.detection.Detection;
import io.popsight.imaging.Annotator;
import io.popsight.imaging.Photo;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.metrics.CpuTime;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.StageTraces;
import io.popsight.service.model.ModelLease;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
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
   * Answers a photo; waits for it.
   *
   * @param photo encoded bytes
   * @throws RuntimeException of which {@link Refusal#of} says whether the caller is at fault
   */
  public PhotoAnswer answer(byte[] photo, DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      return answer(photo, request, lease.model(), (decoded, found) -> {});
    }
  }

  /**
   * Answers photos one after another, all of them by the same model; waits for them.
   *
   * @throws RuntimeException as {@link #answer} does
   */
  public List<PhotoAnswer> answers(List<byte[]> photos, DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      return photos.stream()
          .map(photo -> answer(photo, request, lease.model(), (decoded, found) -> {}))
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
    try (ModelLease lease = lease(request)) {
      ServedModel model = lease.model();
      AtomicReference<byte[]> picture = new AtomicReference<>(new byte[0]);
      PhotoAnswer _ =
          answer(
              photo,
              request,
              model,
              (decoded, found) -> {
                Annotator.draw(decoded, found, model.metadata().labels());
                picture.set(encoder.apply(decoded));
              });
      return picture.get();
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
    try (ModelLease lease = lease(request)) {
      List<String> labels = lease.model().metadata().labels();
      AtomicReference<byte[]> picture = new AtomicReference<>(new byte[0]);
      PhotoAnswer answer =
          answer(
              photo,
              request,
              lease.model(),
              (decoded, found) -> {
                Annotator.draw(
                    decoded,
                    found.stream()
                        .filter(
                            d ->
                                wanted.keeps(
                                    labels.get(d.classId()), d, decoded.width(), decoded.height()))
                        .toList(),
                    labels);
                picture.set(encoder.apply(decoded));
              });
      return new Pictured(answer, picture.get());
    }
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

  private PhotoAnswer answer(
      byte[] photo,
      DetectionRequest request,
      ServedModel model,
      BiConsumer<Photo, List<Detection>> drawing) {
    DetectionQuery query = request.query(model);
    RequestInProgress.current()
        .ifPresent(r -> r.answeredBy(model.metadata().name(), model.metadata().version()));
    long asked = System.currentTimeMillis();
    CpuTime cpu = new CpuTime();
    PhotoAnswer answer =
        pool.run(waited -> cpu.of(() -> detection.look(photo, model, query, waited, drawing)));
    metrics.answered(answer, model, cpu.nanos());
    traces.answered(answer, asked);
    return RequestInProgress.current().map(r -> answer.withRequestId(r.id())).orElse(answer);
  }

  private ModelLease lease(DetectionRequest request) {
    try {
      return models.lease(request.model(), request.version(), request.backend());
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.UNKNOWN_BACKEND, String.valueOf(e.getMessage()));
    }
  }
}
