package io.popsight.trainer.compare;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import io.popsight.trainer.evaluate.AveragePrecision;
import io.popsight.trainer.evaluate.DetectedPhoto;
import io.popsight.trainer.evaluate.EvaluationResult;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Contenders side by side on the same photos: accuracy, then time on one thread (in turns, photo by
 * photo, so that a slow moment of the machine meets all of them), then photos a second on two, then
 * memory in a process of its own.
 */
final class Comparison {

  /** What a service would ask for. */
  static final float SERVED = 0.3f;

  private static final long WARM_UP_NANOS = 1_000_000_000L;

  /** Looks that are timed, however few photos there are; as many warm the two threads up. */
  private static final int FEWEST = 40;

  /** Whose looks the memory is of. */
  private static final int REMEMBERED = 30;

  private static final int THREADS = 2;

  private final DataSet set;
  private final List<Contender> contenders;
  private final Consumer<String> problems;

  /** Classes that every contender knows; a mean over others would compare nothing. */
  private final Set<Integer> shared;

  /**
   * Of these contenders.
   *
   * @param problems told of what could not be measured
   */
  Comparison(DataSet set, List<Contender> contenders, Consumer<String> problems) {
    this.problems = problems;
    this.set = set;
    this.contenders = List.copyOf(contenders);
    this.shared =
        Set.copyOf(
            IntStream.range(0, set.labels().size())
                .boxed()
                .filter(c -> contenders.stream().allMatch(k -> k.classes().contains(c)))
                .toList());
    if (shared.isEmpty()) {
      throw new IllegalArgumentException("there is no class that every contender knows");
    }
  }

  /**
   * One contender's figures.
   *
   * @param name its name
   * @param learned what it learned from
   * @param map50 mean AP at IoU 0.5 over the shared classes, all-point
   * @param map mean AP over IoU 0.50 to 0.95 over the shared classes, all-point
   * @param milliseconds median a photo on one thread, from decoded pixels to boxes
   * @param photosPerSecond of two threads, each with photos of its own
   * @param bytes of its files
   * @param resident bytes that a process grows by for it; nothing where it cannot be measured
   * @param found what it found on every photo, down to low scores
   */
  record Row(
      String name,
      String learned,
      double map50,
      double map,
      double milliseconds,
      double photosPerSecond,
      long bytes,
      OptionalLong resident,
      List<DetectedPhoto> found) {}

  /** Names of the classes that count. */
  List<String> shared() {
    return shared.stream().sorted().map(set.labels()::get).toList();
  }

  /** Measures all. */
  List<Row> measure() {
    List<Path> files = set.photos().stream().map(LabeledPhoto::photo).toList();
    List<Photo> photos = decoded(files);
    List<Contender.Look> looks = contenders.stream().map(Contender::open).toList();
    try {
      List<Row> rows = new ArrayList<>();
      double[] milliseconds = milliseconds(looks, photos);
      for (int k = 0; k < contenders.size(); k++) {
        Contender contender = contenders.get(k);
        List<DetectedPhoto> found = found(looks.get(k), photos);
        EvaluationResult result = new AveragePrecision(found, set.labels()).measure();
        rows.add(
            new Row(
                name(contender),
                contender.learned(),
                mean(result, EvaluationResult.ClassResult::ap50),
                mean(result, EvaluationResult.ClassResult::ap),
                milliseconds[k],
                photosPerSecond(contender, photos),
                contender.bytes(),
                resident(contender, files),
                found));
      }
      return List.copyOf(rows);
    } finally {
      looks.forEach(Contender.Look::close);
      photos.forEach(Photo::close);
    }
  }

  /** By its file, where runs of one configuration have the same name. */
  private String name(Contender contender) {
    String name = contender.name();
    return contenders.stream().filter(k -> k.name().equals(name)).count() == 1
        ? name
        : "%s, %s".formatted(contender.entry().file(), contender.entry().runtime());
  }

  /** A comparison of minutes is not lost for this. */
  private OptionalLong resident(Contender contender, List<Path> files) {
    try {
      return ResidentMemory.of(
          contender.entry(), files.subList(0, Math.min(REMEMBERED, files.size())));
    } catch (IOException e) {
      problems.accept(e.getMessage());
      return OptionalLong.empty();
    }
  }

  private static List<Photo> decoded(List<Path> files) {
    PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    return files.stream().map(decoder::decode).toList();
  }

  private List<DetectedPhoto> found(Contender.Look look, List<Photo> photos) {
    return IntStream.range(0, photos.size())
        .mapToObj(
            i ->
                new DetectedPhoto(
                    withSharedClasses(set.photos().get(i)),
                    look.detect(photos.get(i), ExportedEvaluation.MIN_SCORE).stream()
                        .filter(d -> shared.contains(d.classId()))
                        .toList()))
        .toList();
  }

  private LabeledPhoto withSharedClasses(LabeledPhoto photo) {
    return new LabeledPhoto(
        photo.photo(), photo.objects().stream().filter(o -> shared.contains(o.classId())).toList());
  }

  private double mean(
      EvaluationResult result, ToDoubleFunction<EvaluationResult.ClassResult> figure) {
    return shared.stream()
        .map(result.perClass()::get)
        .filter(c -> c.groundTruths() > 0)
        .mapToDouble(figure)
        .average()
        .orElse(0);
  }

  private static double[] milliseconds(List<Contender.Look> looks, List<Photo> photos) {
    looks.forEach(look -> warmUp(look, photos));
    long[][] nanos = new long[looks.size()][Math.max(FEWEST, photos.size())];
    for (int i = 0; i < nanos[0].length; i++) {
      for (int k = 0; k < nanos.length; k++) {
        long start = System.nanoTime();
        looks.get(k).detect(photos.get(i % photos.size()), SERVED);
        nanos[k][i] = System.nanoTime() - start;
      }
    }
    return Arrays.stream(nanos).mapToDouble(of -> median(of) / 1e6).toArray();
  }

  private static void warmUp(Contender.Look look, List<Photo> photos) {
    long end = System.nanoTime() + WARM_UP_NANOS;
    for (int i = 0; System.nanoTime() < end; i++) {
      look.detect(photos.get(i % photos.size()), SERVED);
    }
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double photosPerSecond(Contender contender, List<Photo> photos) {
    List<Contender.Look> looks =
        IntStream.range(0, THREADS).mapToObj(thread -> contender.open()).toList();
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      int looked = Math.max(FEWEST, photos.size());
      share(pool, looks, photos, FEWEST);
      long start = System.nanoTime();
      share(pool, looks, photos, looked);
      return looked / ((System.nanoTime() - start) / 1e9);
    } finally {
      looks.forEach(Contender.Look::close);
    }
  }

  private static void share(
      ExecutorService pool, List<Contender.Look> looks, List<Photo> photos, int all) {
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> walks =
        looks.stream()
            .map(
                look ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = next.getAndIncrement();
                              i < all;
                              i = next.getAndIncrement()) {
                            look.detect(photos.get(i % photos.size()), SERVED);
                          }
                        },
                        pool))
            .toList();
    walks.forEach(CompletableFuture::join);
  }
}
