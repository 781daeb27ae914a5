package io.popsight.benchmarks;

import java.nio.file.Path;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/** A Darknet detector in OpenCV's DNN module on one thread, its input made once. */
final class DarknetTimer implements AutoCloseable, Runnable {

  private static final int SIDE = 320;

  private final Net net;
  private final StringVector outputs;
  private final Mat blob;

  /**
   * Loads a network.
   *
   * @param config {@code NAME.cfg}; {@code NAME.weights} lies beside it
   */
  DarknetTimer(Path config) {
    opencv_core.setNumThreads(1);
    String weights = config.toString().replaceFirst("\\.cfg$", ".weights");
    net = opencv_dnn.readNetFromDarknet(config.toString(), weights);
    outputs = net.getUnconnectedOutLayersNames();
    byte[] pixels = new byte[SIDE * SIDE * 3];
    new Random(5).nextBytes(pixels);
    try (Mat photo = new Mat(SIDE, SIDE, opencv_core.CV_8UC3);
        BytePointer data = photo.data();
        Size size = new Size(SIDE, SIDE);
        Scalar mean = new Scalar(0, 0, 0, 0)) {
      data.put(pixels);
      blob =
          opencv_dnn.blobFromImage(photo, 1 / 255.0, size, mean, false, false, opencv_core.CV_32F);
    }
  }

  @Override
  public void run() {
    try (MatVector rows = new MatVector()) {
      net.setInput(blob);
      net.forward(rows, outputs);
    }
  }

  @Override
  public void close() {
    blob.close();
    outputs.close();
    net.close();
  }
}
