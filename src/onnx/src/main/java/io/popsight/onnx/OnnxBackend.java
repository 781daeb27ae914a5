package io.popsight.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.popsight.NativeLibraryException;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.InferenceBackend;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;

/** Opens ONNX Runtime sessions on model files. */
final class OnnxBackend implements InferenceBackend {

  private final BackendSettings settings;

  OnnxBackend(BackendSettings settings) {
    this.settings = settings;
  }

  @Override
  public CompiledModel compile(ModelFile file) {
    OrtSession session = open(file.bytes());
    OnnxModel model =
        new OnnxModel(
            OnnxEnvironment.get(), session, file.metadata(), () -> open(SpikeMapGraph.of(file)));
    try {
      OnnxSignature.require(session, file.metadata());
      runOnce(model);
    } catch (ModelRefusedException | OrtException e) {
      throw refusedAndClosed(session, e);
    }
    return model;
  }

  /** A graph does not say that its sums are whole numbers, nor always how many there are. */
  private static void runOnce(OnnxModel model) {
    Scratch scratch = model.newScratch(1);
    byte[] pixels = scratch.pixels();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (31 * i); // no two alike side by side: nothing is zero by chance
    }
    try {
      model.run(scratch, 1);
    } catch (IllegalStateException e) {
      throw new ModelRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static ModelRefusedException refusedAndClosed(OrtSession session, Exception refusal) {
    try {
      session.close();
    } catch (OrtException e) {
      refusal.addSuppressed(e);
    }
    return refusal instanceof ModelRefusedException refused ? refused : refusal(refusal);
  }

  private static ModelRefusedException refusal(Exception cause) {
    return new ModelRefusedException("ONNX Runtime refuses the file: " + cause.getMessage(), cause);
  }

  private static OrtEnvironment environment() {
    try {
      return OnnxEnvironment.get();
    } catch (NativeLibraryException e) {
      throw new ModelRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private OrtSession open(byte[] graph) {
    // First: options load the library too, and would not say why that failed.
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Math.max(1, settings.threads()));
      options.setInterOpNumThreads(1);
      // Waiting threads must not burn the cores of the other workers.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return environment.createSession(graph, options);
    } catch (OrtException e) {
      throw refusal(e);
    }
  }
}
