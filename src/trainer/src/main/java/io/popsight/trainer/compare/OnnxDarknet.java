package io.popsight.trainer.compare;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.model.OnnxBuilder;
import io.popsight.onnx.OnnxEnvironment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;

/** ONNX Runtime, on a graph that {@link DarknetGraph} made. */
final class OnnxDarknet implements DarknetRuntime {

  private final OrtEnvironment environment = OnnxEnvironment.get();

  private final OrtSession session;
  private final long[] shape;
  private final ByteBuffer input;

  OnnxDarknet(byte[] graph, int width, int height) {
    this.shape = new long[] {1, height, width, 3};
    this.input = ByteBuffer.allocateDirect(height * width * 3);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // As the backend does for a run on one thread.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      this.session = environment.createSession(graph, options);
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  @Override
  public float[][] rows(byte[] pixels) {
    input.clear().put(pixels).flip();
    try (OnnxTensor photo = OnnxTensor.createTensor(environment, input, shape, OnnxJavaType.UINT8);
        OrtSession.Result result = session.run(Map.of(OnnxBuilder.INPUT, photo))) {
      float[][] rows = new float[result.size()][];
      for (int layer = 0; layer < rows.length; layer++) {
        if (result.get(layer) instanceof OnnxTensor tensor) {
          FloatBuffer values = tensor.getFloatBuffer();
          rows[layer] = new float[values.remaining()];
          values.get(rows[layer]);
        }
      }
      return rows;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static IllegalStateException failed(OrtException e) {
    return new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }
}
