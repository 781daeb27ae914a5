package io.popsight.trainer.loss;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.trainer.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A finished model file, such as a float twin's, that shows a network what it sees. */
public final class Teacher implements AutoCloseable {

  private final CompiledModel model;
  private final Scratch scratch;

  /**
   * Opens a model file on ONNX Runtime, which runs float weights too.
   *
   * @param batch photos a step
   * @param threads of ONNX Runtime
   * @throws IllegalArgumentException if it looks at other inputs or for other classes
   */
  public Teacher(
      Path file, int inputHeight, int inputWidth, List<String> labels, int batch, int threads) {
    ModelFile read = ModelFile.read(file);
    ModelMetadata metadata = read.metadata();
    if (metadata.inputHeight() != inputHeight
        || metadata.inputWidth() != inputWidth
        || !metadata.labels().equals(labels)) {
      throw new IllegalArgumentException(
          "teacher %s sees %dx%d pixels and %s; the run has %dx%d and %s"
              .formatted(
                  file,
                  metadata.inputHeight(),
                  metadata.inputWidth(),
                  metadata.labels(),
                  inputHeight,
                  inputWidth,
                  labels));
    }
    this.model =
        Backends.installed().open("onnx", new BackendSettings(threads, Map.of())).compile(read);
    this.scratch = model.newScratch(batch);
  }

  /**
   * What it says of a batch.
   *
   * @param pixels layout [N][rows][columns][3]
   * @return layout [N, cells, 4 + classes], as a network's own output
   */
  Tensor cells(byte[] pixels, int photos) {
    System.arraycopy(pixels, 0, scratch.pixels(), 0, pixels.length);
    model.run(scratch, photos);
    List<HeadMap> heads = model.metadata().heads();
    int channels = heads.getFirst().channels();
    int cells = heads.stream().mapToInt(head -> head.rows() * head.columns()).sum();
    float[] values = new float[photos * cells * channels];
    int first = 0;
    for (int h = 0; h < heads.size(); h++) {
      HeadMap head = heads.get(h);
      int size = head.rows() * head.columns() * channels;
      for (int photo = 0; photo < photos; photo++) {
        int at = photo * cells * channels + first;
        for (int i = 0; i < size; i++) {
          values[at + i] = head.value(scratch.headSums()[h][photo * size + i], i % channels);
        }
      }
      first += size;
    }
    return Tensors.of(values, photos, cells, channels);
  }

  @Override
  public void close() {
    model.close();
  }
}
