package io.popsight.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A session and the outputs that are read from it. */
final class OnnxModel implements CompiledModel {

  private static final String INPUT = "images";

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final ModelMetadata metadata;
  private final Set<String> outputs = new LinkedHashSet<>();

  OnnxModel(OrtEnvironment environment, OrtSession session, ModelMetadata metadata) {
    this.environment = environment;
    this.session = session;
    this.metadata = metadata;
    metadata.heads().forEach(head -> outputs.add(head.sumOutput()));
    metadata.spikeLayers().forEach(layer -> outputs.add(layer.countOutput()));
    if (!session.getInputNames().contains(INPUT)) {
      throw new ModelRefusedException("the graph has no input '%s'".formatted(INPUT));
    }
    for (String output : outputs) {
      if (!session.getOutputNames().contains(output)) {
        throw new ModelRefusedException(
            "the graph has no output '%s', which the metadata declares".formatted(output));
      }
    }
  }

  @Override
  public ModelMetadata metadata() {
    return metadata;
  }

  @Override
  public String kernels() {
    return "onnxruntime-" + environment.getVersion();
  }

  @Override
  public Scratch newScratch(int maxBatch) {
    return new OnnxScratch(metadata, maxBatch);
  }

  @Override
  public void run(Scratch scratch, int batch) {
    if (!(scratch instanceof OnnxScratch own)) {
      throw new IllegalArgumentException("the scratch belongs to another backend");
    }
    long[] shape = {batch, metadata.inputHeight(), metadata.inputWidth(), 3};
    int bytes = batch * metadata.inputHeight() * metadata.inputWidth() * 3;
    own.input.clear().put(own.pixels(), 0, bytes).flip();
    try (OnnxTensor input =
            OnnxTensor.createTensor(environment, own.input, shape, OnnxJavaType.UINT8);
        OrtSession.Result result = session.run(Map.of(INPUT, input), outputs)) {
      for (int h = 0; h < metadata.heads().size(); h++) {
        HeadMap head = metadata.heads().get(h);
        toChannelsLast(values(result, head.sumOutput()), head, batch, own.headSums()[h]);
      }
      for (int l = 0; l < metadata.spikeLayers().size(); l++) {
        FloatBuffer counts = values(result, metadata.spikeLayers().get(l).countOutput());
        for (int photo = 0; photo < batch; photo++) {
          own.spikeCounts()[l][photo] = (long) counts.get(photo);
        }
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
    }
  }

  private static FloatBuffer values(OrtSession.Result result, String output) {
    if (result.get(output).orElseThrow() instanceof OnnxTensor tensor) {
      FloatBuffer values = tensor.getFloatBuffer();
      if (values != null) {
        return values;
      }
    }
    throw new IllegalStateException("output '%s' is not float".formatted(output));
  }

  private static void toChannelsLast(FloatBuffer sums, HeadMap head, int batch, int[] into) {
    int cells = head.rows() * head.columns();
    int channels = head.channels();
    for (int photo = 0; photo < batch; photo++) {
      for (int c = 0; c < channels; c++) {
        for (int cell = 0; cell < cells; cell++) {
          into[(photo * cells + cell) * channels + c] =
              (int) sums.get((photo * channels + c) * cells + cell);
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed to close: " + e.getMessage(), e);
    }
  }

  /** With a direct buffer that ONNX Runtime reads in place. */
  private static final class OnnxScratch extends Scratch {
    private final ByteBuffer input;

    OnnxScratch(ModelMetadata metadata, int maxBatch) {
      super(metadata, maxBatch);
      input = ByteBuffer.allocateDirect(pixels().length);
    }
  }
}
