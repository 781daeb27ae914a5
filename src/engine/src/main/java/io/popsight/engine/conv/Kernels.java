package io.popsight.engine.conv;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the kernels, once, when the backend is opened. */
public final class Kernels {

  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
  private static final String MODULE = "jdk.incubator.vector";

  private Kernels() {}

  /**
   * The family asked for.
   *
   * @param choice {@code auto} takes the vectors where they are to be had and warns otherwise;
   *     {@code scalar} and {@code vector} are forced
   * @throws IllegalArgumentException if the choice is unknown or cannot be met
   */
  public static KernelFamily choose(String choice) {
    return switch (choice) {
      case "scalar" -> new ScalarKernels();
      case "vector" -> {
        if (!vectorsPresent()) {
          throw new IllegalArgumentException(
              "kernels=vector needs the module %s: start java with --add-modules %s"
                  .formatted(MODULE, MODULE));
        }
        yield new VectorKernels();
      }
      case "auto" -> {
        if (vectorsPresent()) {
          yield new VectorKernels();
        }
        LOG.warn(
            "The module {} is not there, so the popcount engine runs its scalar kernels, which are"
                + " many times slower: start java with --add-modules {}",
            MODULE,
            MODULE);
        yield new ScalarKernels();
      }
      default ->
          throw new IllegalArgumentException(
              "unknown kernels '%s'; there are auto, scalar, vector".formatted(choice));
    };
  }

  private static boolean vectorsPresent() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }
}
