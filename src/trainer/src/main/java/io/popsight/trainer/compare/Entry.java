package io.popsight.trainer.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A network and what runs it, as the command line names it: {@code FILE[@RUNTIME]}.
 *
 * @param file a model file of ours, or a Darknet network's {@code .cfg}
 * @param runtime a backend's name, or {@link #OPEN_CV} for Darknet's
 */
record Entry(Path file, String runtime) {

  static final String OPEN_CV = "opencv";
  static final String ONNX_RUNTIME = "onnx";

  private static final String DEFAULT_BACKEND = "popcount";

  static Entry parse(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Entry(Path.of(text), DEFAULT_BACKEND)
        : new Entry(Path.of(text.substring(0, at)), text.substring(at + 1));
  }

  /**
   * Loads it.
   *
   * @param labels of the data set
   * @throws IOException if a file cannot be read
   * @throws io.popsight.model.ModelRefusedException if the runtime cannot run it
   */
  Contender contender(List<String> labels) throws IOException {
    if (!file.toString().endsWith(".cfg")) {
      return new PopsightContender(this, labels);
    }
    return runtime.equals(OPEN_CV)
        ? DarknetContender.openCv(this, labels)
        : DarknetContender.onnxRuntime(this, labels);
  }

  @Override
  public String toString() {
    return file + "@" + runtime;
  }
}
