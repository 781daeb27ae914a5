package io.popsight.backend;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;

/** Something that runs model files. Thread-safe. */
public interface InferenceBackend {

  /**
   * Compiles a model.
   *
   * @throws ModelRefusedException if this backend cannot run that file; the message names the node
   *     and the reason
   */
  CompiledModel compile(ModelFile file);
}
