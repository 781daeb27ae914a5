package io.popsight.engine;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.util.Arrays;
import java.util.Map;

/** What the engine says of random pixels. */
final class Answers {

  private Answers() {}

  /** A model on the popcount engine. */
  static CompiledModel compile(ModelFile file, String kernels, int threads, Helpers helpers) {
    return new PopcountBackendProvider()
        .open(new BackendSettings(threads, helpers, Map.of("kernels", kernels)))
        .compile(file);
  }

  /** Every sum and count, of as many photos as the scratch holds. */
  static String of(CompiledModel model, Scratch scratch, long seed) {
    RandomModels.fillPixels(seed, scratch.pixels());
    model.run(scratch, scratch.maxBatch());
    return Arrays.deepToString(scratch.headSums()) + Arrays.deepToString(scratch.spikeCounts());
  }
}
