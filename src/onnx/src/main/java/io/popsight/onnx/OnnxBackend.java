package io.popsight.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.InferenceBackend;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Opens ONNX Runtime sessions on model files. */
final class OnnxBackend implements InferenceBackend {

  static final String NAME = "onnx";

  /**
   * Plenty: loading ONNX Runtime on a thread with 1 MB has ended a process without a word. Whether
   * the stack was the cause is not proven; sessions crashed once with this stack too.
   */
  private static final long STACK_BYTES = 16L << 20;

  private final BackendSettings settings;

  OnnxBackend(BackendSettings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CompiledModel compile(ModelFile file) {
    // First the session: on its thread the native library is loaded.
    OrtSession session = session(file.bytes());
    return new OnnxModel(
        OrtEnvironment.getEnvironment(),
        session,
        file.metadata(),
        () -> session(SpikeMapGraph.of(file)));
  }

  private OrtSession session(byte[] graph) {
    FutureTask<OrtSession> opening = new FutureTask<>(() -> open(graph));
    Thread.ofPlatform().name("onnx-session").stackSize(STACK_BYTES).start(opening);
    try {
      return opening.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while ONNX Runtime opened a session");
    }
  }

  private OrtSession open(byte[] graph) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Math.max(1, settings.threads()));
      options.setInterOpNumThreads(1);
      // Waiting threads must not burn the cores of the other workers.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return OrtEnvironment.getEnvironment().createSession(graph, options);
    } catch (OrtException e) {
      throw new ModelRefusedException("ONNX Runtime refuses the file: " + e.getMessage(), e);
    }
  }
}
