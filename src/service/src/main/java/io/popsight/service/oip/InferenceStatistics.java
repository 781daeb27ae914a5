package io.popsight.service.oip;

import io.popsight.service.oip.InferenceAnswer.Stages;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What was inferred through this protocol, a view and a version, since the start: what Triton's
 * load generator reads before and after.
 */
final class InferenceStatistics {

  /**
   * Sums up to now.
   *
   * @param lastInference milliseconds since 1970; 0 for none yet
   * @param photos looked at
   * @param succeeded requests
   * @param successNanos of whole requests
   * @param failed requests
   * @param failNanos of whole requests
   * @param stages sums over photos
   */
  record Sums(
      long lastInference,
      long photos,
      long succeeded,
      long successNanos,
      long failed,
      long failNanos,
      Stages stages) {

    static final Sums ZERO = new Sums(0, 0, 0, 0, 0, 0, Stages.NONE);
  }

  private record Key(String name, String version) {}

  private final ConcurrentMap<Key, Sums> sums = new ConcurrentHashMap<>();

  Sums of(String name, String version) {
    return sums.getOrDefault(new Key(name, version), Sums.ZERO);
  }

  void succeeded(ModelView view, long nanos, InferenceAnswer answer) {
    Sums one =
        new Sums(System.currentTimeMillis(), answer.photos(), 1, nanos, 0, 0, answer.stages());
    add(view, one);
  }

  void failed(ModelView view, long nanos) {
    add(view, new Sums(0, 0, 0, 0, 1, nanos, Stages.NONE));
  }

  private void add(ModelView view, Sums one) {
    sums.merge(
        new Key(view.name(), view.metadata().version()),
        one,
        (a, b) ->
            new Sums(
                Math.max(a.lastInference, b.lastInference),
                a.photos + b.photos,
                a.succeeded + b.succeeded,
                a.successNanos + b.successNanos,
                a.failed + b.failed,
                a.failNanos + b.failNanos,
                a.stages.plus(b.stages)));
  }
}
