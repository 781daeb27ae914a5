package io.popsight.service.desk;

import io.popsight.backend.Scratch;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoRefusedException;
import io.popsight.model.ModelMetadata;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.FairPlaces;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/** Where every door brings its photos: finds the model, waits for a worker, counts the answer. */
@Component
public final class DetectionDesk implements AutoCloseable {

  private final ModelRegistry models;
  private final InferencePool pool;
  private final PhotoDetection detection;
  private final DetectionMetrics metrics;
  private final StageTraces traces;
  private final FairPlaces photosKept;

  /** Requests wait on threads of which few run at once: what keeps a core busy is not for those. */
  private final ExecutorService drawing =
      Executors.newFixedThreadPool(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          Thread.ofPlatform().daemon().name("drawing-", 0).factory());

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
    this.photosKept = new FairPlaces(pool.photosAtOnce());
  }

  /**
   * Refuses a request that no photo could make good; does nothing else.
   *
   * @throws RuntimeException as {@link #answer} does
   */
  public void check(DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      DetectionQuery _ = query(request, lease.model());
    }
  }

  /**
   * Answers a photo; waits for it.
   *
   * @param photo encoded bytes
   * @throws RuntimeException of which {@link Refusal#of} says whether the caller is at fault
   */
  public PhotoAnswer answer(byte[] photo, DetectionRequest request) {
    return answers(List.of(photo), _ -> "the photo", request).getFirst();
  }

  /**
   * Answers photos one after another, all of them by the same model; waits for them.
   *
   * @param names what the caller calls a photo by its number from 0, where there are several
   * @throws RuntimeException as {@link #answer} does
   */
  public List<PhotoAnswer> answers(
      List<byte[]> photos, IntFunction<String> names, DetectionRequest request) {
    try (ModelLease lease = lease(request)) {
      ServedModel model = lease.model();
      DetectionQuery query = query(request, model);
      charge(photos.size() * query.tiling().mostLooks());
      return IntStream.range(0, photos.size())
          .mapToObj(
              photo -> {
                try {
                  return worked(
                      model,
                      answer -> query.looks(answer.image(), model),
                      waited -> detection.look(photos.get(photo), model, query, waited),
                      Function.identity());
                } catch (PhotoRefusedException e) {
                  throw photos.size() == 1 ? e : named(names.apply(photo), e);
                }
              })
          .map(DetectionDesk::withRequestId)
          .toList();
    }
  }

  private static RefusedException named(String photo, PhotoRefusedException e) {
    return new RefusedException(Refusal.of(e.reason()), "%s: %s".formatted(photo, e.getMessage()));
  }

  /**
   * The photo with boxes drawn on it, as a file; waits for it.
   *
   * @param encoder writes the file
   * @throws RuntimeException as {@link #answer} does
   */
  public byte[] picture(byte[] photo, DetectionRequest request, Function<Photo, byte[]> encoder) {
    return see(photo, request, false, sight -> sight.annotated(encoder)).view();
  }

  /**
   * Answers a photo and makes something of the sight of it; waits for it. That is made on a thread
   * for drawing, while the worker has gone on to the next photo.
   *
   * @param spikes whether the sight tells where each layer fired
   * @throws RuntimeException as {@link #answer} does
   */
  public <T> Seen<T> see(
      byte[] photo, DetectionRequest request, boolean spikes, Function<Sight, T> view) {
    try (ModelLease lease = lease(request)) {
      ServedModel model = lease.model();
      DetectionQuery query = query(request, model);
      charge(query.tiling().mostLooks());
      long end = pool.end();
      Caller caller = Caller.current();
      takePlaceForPhoto(caller, end);
      try {
        Sight sight =
            worked(
                model,
                answer -> query.looks(answer.image(), model),
                waited -> detection.see(photo, model, query, waited, spikes),
                Sight::answer,
                end);
        return new Seen<>(withRequestId(sight.answer()), drawn(() -> view.apply(sight)));
      } finally {
        photosKept.giveBack(caller);
      }
    }
  }

  /** Photos that are a network's input already, by number. */
  public interface Inputs {

    /** Writes a photo into the network's input; returns how it lies in it. */
    Letterbox write(int photo, Scratch scratch);

    /** Looks at what the network made of it. */
    default void read(int photo, Scratch scratch) {}
  }

  /**
   * Looks at inputs one after another, all of them by the same model; waits for them.
   *
   * @param photos how many
   * @throws RuntimeException as {@link #answer} does
   */
  public List<PhotoAnswer> looks(DetectionRequest request, int photos, Inputs inputs) {
    try (ModelLease lease = lease(request)) {
      ServedModel model = lease.model();
      DetectionQuery query = query(request, model);
      charge(photos);
      return IntStream.range(0, photos)
          .mapToObj(
              photo ->
                  worked(
                      model,
                      _ -> 1,
                      waited ->
                          PhotoDetection.look(
                              model,
                              query,
                              waited,
                              scratch -> inputs.write(photo, scratch),
                              scratch -> inputs.read(photo, scratch)),
                      Function.identity()))
          .toList();
    }
  }

  private static void charge(int photos) {
    Caller.current().charge().accept(photos);
  }

  private static DetectionQuery query(DetectionRequest request, ServedModel model) {
    DetectionQuery query = request.query(model);
    ModelMetadata metadata = model.metadata();
    RequestInProgress.current().ifPresent(r -> r.answeredBy(metadata.name(), metadata.version()));
    return query;
  }

  private <T> T worked(
      ServedModel model,
      ToIntFunction<PhotoAnswer> looks,
      LongFunction<T> work,
      Function<T, PhotoAnswer> answer) {
    return worked(model, looks, work, answer, pool.end());
  }

  private <T> T worked(
      ServedModel model,
      ToIntFunction<PhotoAnswer> looks,
      LongFunction<T> work,
      Function<T, PhotoAnswer> answer,
      long end) {
    long asked = System.currentTimeMillis();
    T done = pool.run(waited -> measured(model, waited, work), end);
    PhotoAnswer answered = answer.apply(done);
    metrics.answered(answered, model, looks.applyAsInt(answered));
    traces.answered(answered, asked);
    return done;
  }

  /** On the worker, which is as busy with a photo that fails or that nobody waits for any more. */
  private <T> T measured(ServedModel model, long waited, LongFunction<T> work) {
    long start = CpuTime.nanos();
    try {
      return work.apply(waited);
    } finally {
      metrics.worked(model, waited, CpuTime.nanos() - start);
    }
  }

  private <T> T drawn(Supplier<T> view) {
    try {
      return CompletableFuture.supplyAsync(view, drawing).join();
    } catch (CompletionException e) {
      throw InferencePool.failure(e.getCause());
    }
  }

  private static PhotoAnswer withRequestId(PhotoAnswer answer) {
    return RequestInProgress.current().map(r -> answer.withRequestId(r.id())).orElse(answer);
  }

  /** Decoded photos are large: no more of them are kept for drawing than keep the workers busy. */
  private void takePlaceForPhoto(Caller caller, long end) {
    try {
      if (!photosKept.take(caller, pool.capacity(), end)) {
        throw pool.late();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the caller gave up");
    }
  }

  private ModelLease lease(DetectionRequest request) {
    return models.lease(request.model(), request.version(), request.backend());
  }

  /** What is being drawn is drawn to its end. */
  @Override
  public void close() {
    drawing.shutdown();
  }
}
