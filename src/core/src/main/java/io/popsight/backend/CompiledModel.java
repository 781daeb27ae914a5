package io.popsight.backend;

import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import java.util.List;

/** A model ready to run. Thread-safe: threads share it, each with its own {@link Scratch}. */
public interface CompiledModel extends AutoCloseable {

  /** What the model file says of itself. */
  ModelMetadata metadata();

  /**
   * The code that runs, for logs and metrics: {@code vector-512}, {@code scalar}, {@code
   * onnxruntime-1.29.0}.
   */
  String kernels();

  /** Memory for runs of up to a number of photos, made once a worker. */
  Scratch newScratch(int maxBatch);

  /**
   * Runs the first {@code batch} photos of the scratch's pixels; writes its head sums and spike
   * counts.
   *
   * @param scratch from this model's {@link #newScratch}
   * @param batch 1 to the scratch's most
   * @throws IllegalArgumentException if the scratch is another backend's
   * @throws IllegalStateException if the backend's runtime failed
   */
  void run(Scratch scratch, int batch);

  /**
   * Where every spike layer fires for the first photo of the scratch's pixels, in the metadata's
   * order. Runs the network once more and allocates: for people who look, not for every photo.
   *
   * @param scratch from this model's {@link #newScratch}
   * @throws ModelRefusedException if the graph does not tell where a layer fires
   * @throws IllegalArgumentException if the scratch is another backend's
   * @throws IllegalStateException if the backend's runtime failed
   */
  List<SpikeMap> spikeMaps(Scratch scratch);

  /** What a run does, in order; empty where the backend does not say. */
  default List<PlanStep> steps() {
    return List.of();
  }

  /**
   * Runs the first photo of the scratch's pixels on this thread and adds to each step the
   * nanoseconds that it took.
   *
   * @param scratch from this model's {@link #newScratch}
   * @param nanos as long as {@link #steps}
   */
  default void profile(Scratch scratch, long[] nanos) {
    throw new UnsupportedOperationException(kernels() + " does not time its steps");
  }

  /** Frees native memory, if any; no run may be under way or follow. */
  @Override
  void close();
}
