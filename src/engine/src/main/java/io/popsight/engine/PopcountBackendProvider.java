package io.popsight.engine;

import io.popsight.backend.BackendProvider;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.InferenceBackend;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.Kernels;
import io.popsight.engine.plan.Plan;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;

/**
 * Offers the popcount engine. Reads the option {@code kernels}: {@code auto} (default), {@code
 * scalar} or {@code vector}. Photos run beside each other on the caller's threads; where helpers
 * are idle, one photo's rows are shared with them.
 */
public final class PopcountBackendProvider implements BackendProvider {

  private static final String NAME = "popcount";

  /** For {@link java.util.ServiceLoader}. */
  public PopcountBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public InferenceBackend open(BackendSettings settings) {
    KernelFamily kernels = Kernels.choose(settings.options().getOrDefault("kernels", "auto"));
    return new PopcountBackend(kernels, settings.threads(), settings.helpers());
  }

  /** Compiles with the kernels chosen. */
  private record PopcountBackend(KernelFamily kernels, int threads, Helpers helpers)
      implements InferenceBackend {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public CompiledModel compile(ModelFile file) {
      return switch (file.network()) {
        case ModelFile.Network.Typed(var graph) ->
            Plan.compile(graph, file.metadata(), kernels, threads, helpers);
        case ModelFile.Network.Foreign(String reason) ->
            throw new ModelRefusedException(
                "popcount cannot run %s: %s".formatted(file.metadata().name(), reason));
      };
    }
  }
}
