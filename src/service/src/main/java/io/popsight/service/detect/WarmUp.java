package io.popsight.service.detect;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.service.model.ModelRegistry;
import io.popsight.service.model.ServedModel;
import java.time.Duration;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Looks at a made-up photo, over and over, before the service says that it is ready: the whole way
 * from JPEG to boxes is compiled and its native libraries are loaded when the first caller comes.
 */
@Component
final class WarmUp implements ApplicationRunner {

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private static final Duration LONGEST = Duration.ofSeconds(6);

  /** Photos in a row that took hardly longer than the fastest: the code is compiled. */
  private static final int STEADY_PHOTOS = 10;

  private static final double STEADY = 1.5;

  private final ModelRegistry models;
  private final InferencePool pool;
  private final PhotoDetection detection;

  WarmUp(ModelRegistry models, InferencePool pool, PhotoDetection detection) {
    this.models = models;
    this.pool = pool;
    this.detection = detection;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    byte[] photo = noise();
    models.ready().forEach(model -> warm(model, photo));
  }

  private void warm(ServedModel model, byte[] photo) {
    double fastest = Double.MAX_VALUE;
    int photos = 0;
    long until = System.nanoTime() + LONGEST.toNanos();
    for (int steady = 0; steady < STEADY_PHOTOS && System.nanoTime() < until; photos++) {
      PhotoAnswer.Timings timings = pool.run(waited -> look(photo, model, waited)).timingsMs();
      double took = timings.total() - timings.queue();
      steady = took < STEADY * fastest && took > fastest / STEADY ? steady + 1 : 0;
      fastest = Math.min(fastest, took);
    }
    LOG.info(
        "{} {} on {} ({}): {} photos to warm up, the fastest in {} ms",
        model.metadata().name(),
        model.metadata().version(),
        model.backend(),
        model.kernels(),
        photos,
        fastest);
  }

  private PhotoAnswer look(byte[] photo, ServedModel model, long waited) {
    return detection.look(photo, model, DetectionQuery.defaults(model.metadata()), waited);
  }

  private static byte[] noise() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    new Random(1).nextBytes(rgb);
    try (Photo photo = Photo.of(WIDTH, HEIGHT, rgb)) {
      return PhotoEncoder.jpeg(photo);
    }
  }
}
