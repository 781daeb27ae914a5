package io.popsight.service.desk;

import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import org.springframework.stereotype.Component;

/** Where every door brings its photos: finds the model, waits for a worker, counts the answer. */
@Component
public final class DetectionDesk {

  private final ModelRegistry models;
  private final InferencePool pool;
  private final PhotoDetection detection;
  private final DetectionMetrics metrics;

  DetectionDesk(
      ModelRegistry models,
      InferencePool pool,
      PhotoDetection detection,
      DetectionMetrics metrics) {
    this.models = models;
    this.pool = pool;
    this.detection = detection;
    this.metrics = metrics;
  }

  /**
   * Answers a photo; waits for it.
   *
   * @param photo encoded bytes
   * @throws RuntimeException of which {@link Refusal#of} says whether the caller is at fault
   */
  public PhotoAnswer answer(byte[] photo, DetectionRequest request) {
    ServedModel model = model(request);
    DetectionQuery query = request.query(model.metadata());
    PhotoAnswer answer =
        pool.run(waited -> detection.look(photo, model, query, waited, (decoded, found) -> {}));
    metrics.answered(answer);
    return answer;
  }

  private ServedModel model(DetectionRequest request) {
    String name = request.model().orElse(models.defaultModel());
    String backend = request.backend().orElse(models.defaultBackend());
    try {
      return models.find(name, backend);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.UNKNOWN_BACKEND, String.valueOf(e.getMessage()));
    }
  }
}
