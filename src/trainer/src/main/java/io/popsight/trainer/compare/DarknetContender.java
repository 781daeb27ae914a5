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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/**
 * A YOLO of Darknet through OpenCV's DNN module. Beside {@code NAME.cfg} lie {@code NAME.weights}
 * and {@code coco.names}, a label a line.
 */
final class DarknetContender implements Contender {

  /** Overlap from which the lower-scored of two boxes of a class falls. */
  private static final float IOU = 0.45f;

  /** A row of a YOLO layer: centre, size, objectness, then a score a class. */
  private static final int FIRST_CLASS = 5;

  private final Path config;
  private final Path weights;
  private final int width;
  private final int height;
  private final int[] classOf;

  /**
   * Reads the files' heads; every {@link Look} loads a network of its own.
   *
   * @param labels of the data set
   * @throws IOException if one of the three files cannot be read
   */
  DarknetContender(Path config, List<String> labels) throws IOException {
    this.config = config;
    String file = String.valueOf(config.getFileName());
    this.weights = config.resolveSibling(file.replaceFirst("\\.cfg$", "") + ".weights");
    if (!Files.isReadable(weights)) {
      throw new NoSuchFileException(weights.toString());
    }
    String text = Files.readString(config);
    this.width = side(text, "width");
    this.height = side(text, "height");
    this.classOf =
        Files.readAllLines(config.resolveSibling("coco.names")).stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> labels.indexOf(line.strip()))
            .toArray();
  }

  private int side(String text, String key) {
    Matcher line = Pattern.compile("(?m)^" + key + "\\s*=\\s*(\\d+)").matcher(text);
    if (!line.find()) {
      throw new IllegalArgumentException("%s gives no %s".formatted(config, key));
    }
    return Integer.parseInt(line.group(1));
  }

  @Override
  public String name() {
    return String.valueOf(config.getFileName()).replaceFirst("\\.cfg$", "") + ", OpenCV DNN";
  }

  @Override
  public String learned() {
    return "COCO, nothing of these photos";
  }

  @Override
  public long bytes() {
    try {
      return Files.size(weights);
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
    Net net = opencv_dnn.readNetFromDarknet(config.toString(), weights.toString());
    StringVector outputs = net.getUnconnectedOutLayersNames();
    byte[] pixels = new byte[width * height * 3];
    return new Look() {
      @Override
      public List<Detection> detect(Photo photo, float minScore) {
        Letterbox box = Letterboxer.place(photo, pixels, 0, width, height);
        List<Candidate> candidates = new ArrayList<>();
        try (Mat input = new Mat(height, width, opencv_core.CV_8UC3);
            BytePointer data = input.data();
            MatVector rows = new MatVector()) {
          data.put(pixels);
          try (Mat blob =
              opencv_dnn.blobFromImage(
                  input,
                  1 / 255.0,
                  new Size(width, height),
                  new Scalar(0, 0, 0, 0),
                  false,
                  false,
                  opencv_core.CV_32F)) {
            net.setInput(blob);
            net.forward(rows, outputs);
          }
          for (long i = 0; i < rows.size(); i++) {
            candidates(rows.get(i), box, minScore, candidates);
          }
        }
        return NonMaximumSuppression.suppress(
            candidates, new DetectionLimits(minScore, IOU, DetectionLimits.MOST_DETECTIONS));
      }

      @Override
      public void close() {
        outputs.close();
        net.close();
      }
    };
  }

  private void candidates(Mat rows, Letterbox box, float minScore, List<Candidate> into) {
    try (FloatIndexer values = rows.createIndexer()) {
      for (long row = 0; row < rows.rows(); row++) {
        for (int c = 0; c < classOf.length; c++) {
          float score = values.get(row, FIRST_CLASS + c);
          if (classOf[c] >= 0 && score >= minScore) {
            float x = values.get(row, 0) * width;
            float y = values.get(row, 1) * height;
            float halfWidth = values.get(row, 2) * width / 2;
            float halfHeight = values.get(row, 3) * height / 2;
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
  }

  @Override
  public void close() {
    // Every look has a network of its own.
  }
}
