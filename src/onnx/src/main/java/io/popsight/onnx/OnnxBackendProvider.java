package io.popsight.onnx;

import io.popsight.backend.BackendProvider;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.InferenceBackend;

/** Offers ONNX Runtime under the name {@code onnx}. */
public final class OnnxBackendProvider implements BackendProvider {

  /** For {@link java.util.ServiceLoader}. */
  public OnnxBackendProvider() {}

  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public InferenceBackend open(BackendSettings settings) {
    return new OnnxBackend(settings);
  }
}
