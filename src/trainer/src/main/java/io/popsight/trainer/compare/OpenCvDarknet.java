package io.popsight.trainer.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/** OpenCV's DNN module. */
final class OpenCvDarknet implements DarknetRuntime {

  private final int width;
  private final int height;
  private final Net net;
  private final StringVector outputs;

  /**
   * Loads it.
   *
   * @param weights the bytes of the file
   */
  OpenCvDarknet(DarknetConfig config, byte[] weights) {
    this.width = config.width();
    this.height = config.height();
    this.net = opencv_dnn.readNetFromDarknet(everyScore(config).getBytes(UTF_8), weights);
    this.outputs = net.getUnconnectedOutLayersNames();
  }

  /**
   * Left to themselves, OpenCV's yolo layers drop scores below 0.2 and what overlaps. That would
   * cut off the curve of precision over recall, which every contender shows down to low scores.
   */
  private static String everyScore(DarknetConfig config) {
    StringBuilder text = new StringBuilder();
    Stream.concat(Stream.of(config.network()), config.layers().stream())
        .forEach(
            section -> {
              Map<String, String> values = new LinkedHashMap<>(section.values());
              if (section.kind().equals("yolo")) {
                values.put("thresh", "0");
                values.put("nms_threshold", "0");
              }
              text.append("[%s]\n".formatted(section.kind()));
              values.forEach((key, value) -> text.append("%s=%s\n".formatted(key, value)));
            });
    return text.toString();
  }

  @Override
  public float[][] rows(byte[] pixels) {
    try (Mat input = new Mat(height, width, opencv_core.CV_8UC3);
        BytePointer data = input.data();
        MatVector layers = new MatVector()) {
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
        net.forward(layers, outputs);
      }
      float[][] rows = new float[(int) layers.size()][];
      for (int layer = 0; layer < rows.length; layer++) {
        try (Mat mat = layers.get(layer);
            FloatPointer values = new FloatPointer(mat.data())) {
          rows[layer] = new float[(int) mat.total()];
          values.get(rows[layer]);
        }
      }
      return rows;
    }
  }

  @Override
  public void close() {
    outputs.close();
    net.close();
  }
}
