package io.popsight.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.onnx.OnnxEnvironment;
import java.nio.FloatBuffer;
import java.util.Map;

/** A float network in ONNX Runtime on one thread, its input made once. */
final class OrtTimer implements AutoCloseable, Runnable {

  private final OrtSession session;
  private final OnnxTensor input;
  private final Map<String, OnnxTensor> inputs;

  OrtTimer(byte[] model, long... shape) throws OrtException {
    OrtEnvironment environment = OnnxEnvironment.get();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    }
    int size = 1;
    for (long side : shape) {
      size = Math.multiplyExact(size, Math.toIntExact(side));
    }
    FloatBuffer values = FloatBuffer.allocate(size);
    java.util.Random random = new java.util.Random(2);
    for (int i = 0; i < size; i++) {
      values.put(i, random.nextFloat());
    }
    input = OnnxTensor.createTensor(environment, values, shape);
    inputs = Map.of(session.getInputNames().iterator().next(), input);
  }

  @Override
  public void run() {
    try {
      session.run(inputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    input.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
