package io.popsight.engine;

import io.popsight.backend.BackendProvider;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.InferenceBackend;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.Kernels;
import io.popsight.engine.plan.Plan;
import io.popsight.engine.plan.RaceResults;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Offers the popcount engine. Reads the option {@code kernels}: {@code auto} (default), {@code
 * scalar}, {@code vector} or {@code events}; and {@code races}, the folder where {@code auto} keeps
 * what it measured, by default one below the user's home. Photos run beside each other on the
 * caller's threads; where helpers are idle, one photo's rows are shared with them.
 */
public final class PopcountBackendProvider implements BackendProvider {

  /** Raised when kernels change: which was the faster need not be any more. */
  private static final int GENERATION = 3;

  /** For {@link java.util.ServiceLoader}. */
  public PopcountBackendProvider() {}

  @Override
  public String name() {
    return "popcount";
  }

  @Override
  public InferenceBackend open(BackendSettings settings) {
    KernelFamily kernels = Kernels.choose(settings.options().getOrDefault("kernels", "auto"));
    Optional<Path> races =
        Optional.ofNullable(settings.options().get("races")).map(Path::of).or(Machine::races);
    return new PopcountBackend(kernels, races, settings.threads(), settings.helpers());
  }

  /** Compiles with the kernels chosen. */
  private record PopcountBackend(
      KernelFamily kernels, Optional<Path> races, int threads, Helpers helpers)
      implements InferenceBackend {
    @Override
    public CompiledModel compile(ModelFile file) {
      return switch (file.network()) {
        case ModelFile.Network.Typed(var graph) ->
            Plan.compile(
                graph,
                file.metadata(),
                kernels,
                new RaceResults(() -> kept(file)),
                threads,
                helpers);
        case ModelFile.Network.Foreign(String reason) ->
            throw new ModelRefusedException(
                "popcount cannot run %s: %s".formatted(file.metadata().name(), reason));
      };
    }

    private Optional<Path> kept(ModelFile file) {
      String machine =
          Integer.toHexString((kernels.name() + GENERATION + Machine.kind()).hashCode());
      return races.map(folder -> folder.resolve(file.sha256() + "-" + machine));
    }
  }
}
