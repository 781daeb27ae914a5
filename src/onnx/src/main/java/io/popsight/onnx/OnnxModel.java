package io.popsight.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.OnnxBuilder;
import io.popsight.model.SpikeLayer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A session and the outputs that are read from it. */
final class OnnxModel implements CompiledModel {

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final ModelMetadata metadata;
  private final Set<String> outputs = new LinkedHashSet<>();
  private final Supplier<OrtSession> openSpikeMaps;

  /** Another session, opened by the first who asks where layers fire. */
  private Optional<OrtSession> spikeMaps = Optional.empty();

  /** Over a session with what the metadata declares. */
  OnnxModel(
      OrtEnvironment environment,
      OrtSession session,
      ModelMetadata metadata,
      Supplier<OrtSession> openSpikeMaps) {
    this.openSpikeMaps = openSpikeMaps;
    this.environment = environment;
    this.session = session;
    this.metadata = metadata;
    metadata.heads().forEach(head -> outputs.add(head.sumOutput()));
    metadata.spikeLayers().forEach(layer -> outputs.add(layer.countOutput()));
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
    try (OnnxTensor input = input(own, batch);
        OrtSession.Result result = session.run(Map.of(OnnxBuilder.INPUT, input), outputs)) {
      for (int h = 0; h < metadata.heads().size(); h++) {
        HeadMap head = metadata.heads().get(h);
        int size = batch * head.rows() * head.columns() * head.channels();
        toChannelsLast(values(result, head.sumOutput(), size), head, batch, own.headSums()[h]);
      }
      for (int l = 0; l < metadata.spikeLayers().size(); l++) {
        FloatBuffer counts = values(result, metadata.spikeLayers().get(l).countOutput(), batch);
        for (int photo = 0; photo < batch; photo++) {
          own.spikeCounts()[l][photo] = (long) counts.get(photo);
        }
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
    }
  }

  @Override
  public List<SpikeMap> spikeMaps(Scratch scratch) {
    if (!(scratch instanceof OnnxScratch own)) {
      throw new IllegalArgumentException("the scratch belongs to another backend");
    }
    List<SpikeMap> maps = new ArrayList<>();
    try (OnnxTensor input = input(own, 1);
        OrtSession.Result result = spikeMapSession().run(Map.of(OnnxBuilder.INPUT, input))) {
      for (SpikeLayer layer : metadata.spikeLayers()) {
        int[] ones = new int[layer.rows() * layer.columns()];
        FloatBuffer values = values(result, SpikeMapGraph.output(layer), ones.length);
        for (int pixel = 0; pixel < ones.length; pixel++) {
          ones[pixel] = (int) values.get(pixel);
        }
        maps.add(new SpikeMap(layer, ones));
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
    }
    return maps;
  }

  private synchronized OrtSession spikeMapSession() {
    OrtSession open = spikeMaps.orElseGet(openSpikeMaps);
    spikeMaps = Optional.of(open);
    return open;
  }

  private OnnxTensor input(OnnxScratch scratch, int batch) throws OrtException {
    long[] shape = {batch, metadata.inputHeight(), metadata.inputWidth(), 3};
    int bytes = batch * metadata.inputHeight() * metadata.inputWidth() * 3;
    scratch.input.clear().put(scratch.pixels(), 0, bytes).flip();
    return OnnxTensor.createTensor(environment, scratch.input, shape, OnnxJavaType.UINT8);
  }

  /** Sides that a graph does not give are known now only. */
  private static FloatBuffer values(OrtSession.Result result, String output, int size) {
    if (result.get(output).orElseThrow() instanceof OnnxTensor tensor) {
      FloatBuffer values = tensor.getFloatBuffer();
      if (values != null && values.remaining() == size) {
        return values;
      }
    }
    throw new IllegalStateException(
        "output '%s' is not %d floats, as the metadata says".formatted(output, size));
  }

  private static void toChannelsLast(FloatBuffer sums, HeadMap head, int batch, int[] into) {
    int cells = head.rows() * head.columns();
    int channels = head.channels();
    for (int photo = 0; photo < batch; photo++) {
      for (int c = 0; c < channels; c++) {
        for (int cell = 0; cell < cells; cell++) {
          float value = sums.get((photo * channels + c) * cells + cell);
          int sum = (int) value;
          if (sum != value) {
            throw noSum(head, c, value);
          }
          into[(photo * cells + cell) * channels + c] = sum;
        }
      }
    }
  }

  /** Cut to integers, the logits of somebody's float network would be boxes and scores, too. */
  private static IllegalStateException noSum(HeadMap head, int channel, float value) {
    return new IllegalStateException(
        ("output '%s' is %s in channel %d; a head's sums are whole numbers, which scale and bias of"
                + " the metadata make values of: multiply real ones by 1024, say, round them in the"
                + " graph, and give 1/1024 as scale")
            .formatted(head.sumOutput(), value, channel));
  }

  @Override
  public synchronized void close() {
    try {
      session.close();
      if (spikeMaps.isPresent()) {
        spikeMaps.get().close();
      }
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
