package io.popsight.service.oip;

import io.popsight.backend.Scratch;
import io.popsight.geometry.Letterbox;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.OnnxBuilder;
import io.popsight.model.SpikeLayer;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.oip.InferenceAnswer.Stages;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code NAME-tensor}: the network itself. Its input and outputs are called and laid out as in the
 * ONNX file: pixels [N, H, W, 3], head maps [N, channels, rows, columns], and the number of spikes
 * a layer [N]; numbers of spikes, floats in the file, are INT64 here.
 */
record TensorView(ModelMetadata metadata) implements ModelView {

  static final String SUFFIX = "-tensor";

  @Override
  public String suffix() {
    return SUFFIX;
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(
        TensorSpec.of(
            OnnxBuilder.INPUT,
            Datatype.UINT8,
            -1,
            metadata.inputHeight(),
            metadata.inputWidth(),
            3));
  }

  @Override
  public List<TensorSpec> outputs() {
    List<TensorSpec> outputs = new ArrayList<>();
    for (HeadMap head : metadata.heads()) {
      outputs.add(
          TensorSpec.of(
              head.valueOutput(), Datatype.FP32, -1, head.channels(), head.rows(), head.columns()));
    }
    for (SpikeLayer layer : metadata.spikeLayers()) {
      outputs.add(TensorSpec.of(layer.countOutput(), Datatype.INT64, -1));
    }
    return outputs;
  }

  @Override
  public InferenceAnswer infer(DetectionDesk desk, InferenceRequest request) {
    DetectionRequest asked = request.detection(metadata.name(), metadata.version());
    Tensor images = request.input(OnnxBuilder.INPUT);
    int batch = Math.toIntExact(images.shape().getFirst());
    Collected collected = new Collected(metadata, batch);
    Stages stages = Stages.NONE;
    DetectionDesk.Inputs inputs =
        new DetectionDesk.Inputs() {
          @Override
          public Letterbox write(int photo, Scratch scratch) {
            images.data().get(photo * scratch.pixels().length, scratch.pixels());
            return itself();
          }

          @Override
          public void read(int photo, Scratch scratch) {
            collected.take(scratch, photo);
          }
        };
    for (PhotoAnswer answer : desk.looks(asked, batch, inputs)) {
      stages = stages.plus(Stages.of(answer.timingsMs()));
    }
    return new InferenceAnswer(collected.tensors(), stages, batch);
  }

  private Letterbox itself() {
    int width = metadata.inputWidth();
    int height = metadata.inputHeight();
    return Letterbox.fit(width, height, width, height);
  }

  /** Outputs of a batch, filled photo by photo. */
  private static final class Collected {

    private final ModelMetadata metadata;
    private final long batch;
    private final List<float[]> heads = new ArrayList<>();
    private final List<long[]> counts = new ArrayList<>();

    Collected(ModelMetadata metadata, int batch) {
      this.metadata = metadata;
      this.batch = batch;
      metadata.heads().forEach(head -> heads.add(new float[batch * size(head)]));
      metadata.spikeLayers().forEach(layer -> counts.add(new long[batch]));
    }

    private static int size(HeadMap head) {
      return head.channels() * head.rows() * head.columns();
    }

    void take(Scratch scratch, int photo) {
      for (int h = 0; h < heads.size(); h++) {
        HeadMap head = metadata.heads().get(h);
        int cells = head.rows() * head.columns();
        int[] sums = scratch.headSums()[h];
        float[] values = heads.get(h);
        int start = photo * size(head);
        for (int cell = 0; cell < cells; cell++) {
          for (int c = 0; c < head.channels(); c++) {
            values[start + c * cells + cell] = head.value(sums[cell * head.channels() + c], c);
          }
        }
      }
      for (int l = 0; l < counts.size(); l++) {
        counts.get(l)[photo] = scratch.spikeCounts()[l][0];
      }
    }

    List<Tensor> tensors() {
      List<Tensor> tensors = new ArrayList<>();
      for (int h = 0; h < heads.size(); h++) {
        HeadMap head = metadata.heads().get(h);
        List<Long> shape =
            List.of(batch, (long) head.channels(), (long) head.rows(), (long) head.columns());
        tensors.add(Tensor.floats(head.valueOutput(), shape, heads.get(h)));
      }
      for (int l = 0; l < counts.size(); l++) {
        String name = metadata.spikeLayers().get(l).countOutput();
        tensors.add(Tensor.longs(name, List.of(batch), counts.get(l)));
      }
      return tensors;
    }
  }
}
