package io.popsight.trainer.compare;

import io.popsight.detection.Candidate;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.NonMaximumSuppression;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A YOLO of Darknet in one of the runtimes that load it. */
final class DarknetContender implements Contender {

  /** Overlap from which the lower-scored of two boxes of a class falls. */
  private static final float IOU = 0.45f;

  /** A row of a YOLO layer: centre, size, objectness, then a score a class. */
  private static final int FIRST_CLASS = 5;

  private final DarknetConfig config;
  private final Entry entry;
  private final String runtime;
  private final Supplier<DarknetRuntime> load;
  private final int width;
  private final int height;
  private final int[] classOf;

  private DarknetContender(
      DarknetConfig config,
      List<String> labels,
      Entry entry,
      String runtime,
      Supplier<DarknetRuntime> load)
      throws IOException {
    this.config = config;
    this.entry = entry;
    this.runtime = runtime;
    this.load = load;
    this.width = config.width();
    this.height = config.height();
    this.classOf =
        Files.readAllLines(config.file().resolveSibling("coco.names")).stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> labels.indexOf(line.strip()))
            .toArray();
    for (DarknetConfig.Section layer : config.layers()) {
      if (layer.kind().equals("yolo") && layer.number("classes") != classOf.length) {
        throw layer.refused("classes differ from the %d of coco.names".formatted(classOf.length));
      }
    }
  }

  /**
   * Through OpenCV's DNN module.
   *
   * @param labels of the data set
   * @throws IOException if {@code coco.names} or the weights cannot be read
   */
  static Contender openCv(Entry entry, List<String> labels) throws IOException {
    DarknetConfig config = DarknetConfig.read(entry.file());
    byte[] weights = Files.readAllBytes(config.weights());
    return new DarknetContender(
        config, labels, entry, "OpenCV DNN", () -> new OpenCvDarknet(config, weights));
  }

  /**
   * Converted, through ONNX Runtime.
   *
   * @param labels of the data set
   * @throws IOException if {@code coco.names} or the weights cannot be read
   * @throws io.popsight.model.ModelRefusedException if it cannot be converted; the message names
   *     the section
   */
  static Contender onnxRuntime(Entry entry, List<String> labels) throws IOException {
    DarknetConfig config = DarknetConfig.read(entry.file());
    byte[] graph = DarknetGraph.of(config);
    return new DarknetContender(
        config,
        labels,
        entry,
        "ONNX Runtime",
        () -> new OnnxDarknet(graph, config.width(), config.height()));
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public String name() {
    return "%s, %s".formatted(config.name(), runtime);
  }

  @Override
  public String learned() {
    return "COCO, nothing of these photos";
  }

  @Override
  public long bytes() {
    try {
      return Files.size(config.weights());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<Integer> classes() {
    return IntStream.of(classOf).filter(c -> c >= 0).boxed().collect(Collectors.toSet());
  }

  @Override
  public Look open() {
    DarknetRuntime network = load.get();
    byte[] pixels = new byte[width * height * 3];
    return new Look() {
      @Override
      public List<Detection> detect(Photo photo, float minScore) {
        Letterbox box = Letterboxer.place(photo, pixels, 0, width, height);
        List<Candidate> candidates = new ArrayList<>();
        for (float[] rows : network.rows(pixels)) {
          candidates(rows, box, minScore, candidates);
        }
        return NonMaximumSuppression.suppress(
            candidates, new DetectionLimits(minScore, IOU, DetectionLimits.MOST_DETECTIONS));
      }

      @Override
      public void close() {
        network.close();
      }
    };
  }

  private void candidates(float[] rows, Letterbox box, float minScore, List<Candidate> into) {
    for (int row = 0; row < rows.length; row += FIRST_CLASS + classOf.length) {
      for (int c = 0; c < classOf.length; c++) {
        float score = rows[row + FIRST_CLASS + c];
        if (classOf[c] >= 0 && score >= minScore) {
          float x = rows[row] * width;
          float y = rows[row + 1] * height;
          float halfWidth = rows[row + 2] * width / 2;
          float halfHeight = rows[row + 3] * height / 2;
          Detection found =
              new Detection(
                  classOf[c],
                  score,
                  box.toPhoto(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight));
          into.add(new Candidate(found, into.size()));
        }
      }
    }
  }

  @Override
  public void close() {
    // Every look has a network of its own.
  }
}
