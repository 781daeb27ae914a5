package io.popsight.service.detect;

import io.popsight.NativeLibraryException;
import io.popsight.imaging.OpenCv;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.service.model.ServedModel;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a made-up photo, over and over, before a model answers: the whole way from JPEG to boxes
 * is compiled and its native libraries are loaded when the first caller comes.
 */
public final class WarmUp implements Consumer<ServedModel> {

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;
  private static final int SQUARE = 16;

  /** For the photos behind the first. */
  private static final Duration LONGEST = Duration.ofSeconds(6);

  /** Photos in a row that were hardly faster than those before: the code is compiled. */
  private static final int STEADY_PHOTOS = 10;

  private static final double STEADY = 1.5;

  private final PhotoDetection detection;

  /** Warms models that run in this way of a photo. */
  public WarmUp(PhotoDetection detection) {
    this.detection = detection;
  }

  /**
   * Looks until the code is compiled.
   *
   * @throws NativeLibraryException if OpenCV cannot be loaded
   */
  @Override
  public void accept(ServedModel model) {
    OpenCv.load();
    // Most of the code is compiled during the first, which tells nothing of the others.
    double fastest = time(model);
    int photos = 1;
    long until = System.nanoTime() + LONGEST.toNanos();
    for (int steady = 0; steady < STEADY_PHOTOS && System.nanoTime() < until; photos++) {
      double took = time(model);
      steady = took < fastest / STEADY ? 0 : steady + 1;
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

  /** Milliseconds that a look takes. */
  private double time(ServedModel model) {
    PhotoAnswer answer = detection.look(Noise.JPEG, model, DetectionQuery.defaults(model), 0);
    return answer.timingsMs().total() - answer.timingsMs().queue();
  }

  /**
   * Loads the native libraries; to be called beside something else that takes a while. Where that
   * fails, the warm-up of a model tells it.
   */
  public static void loadLibraries() {
    try {
      OpenCv.load();
      LOG.debug("The warm-up photo has {} bytes", Noise.JPEG.length);
    } catch (NativeLibraryException e) {
      LOG.debug("No photo can be read", e);
    }
  }

  /** Made when it is first needed. */
  private static final class Noise {
    static final byte[] JPEG = encoded();

    private static byte[] encoded() {
      // Squares, because noise of single pixels keeps the JPEG decoder busy, which needs no
      // warming.
      byte[] colours = new byte[3 * (WIDTH / SQUARE) * (HEIGHT / SQUARE)];
      new Random(1).nextBytes(colours);
      byte[] rgb = new byte[3 * WIDTH * HEIGHT];
      for (int pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
        int square = pixel / WIDTH / SQUARE * (WIDTH / SQUARE) + pixel % WIDTH / SQUARE;
        System.arraycopy(colours, 3 * square, rgb, 3 * pixel, 3);
      }
      try (Photo photo = Photo.of(WIDTH, HEIGHT, rgb)) {
        return PhotoEncoder.jpeg(photo);
      }
    }
  }
}
