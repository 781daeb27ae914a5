package io.popsight.engine.conv;

import io.popsight.engine.conv.KernelFamily.Events;
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
   * @param choice {@code auto} takes the vectors where they are to be had and warns otherwise, and
   *     measures which convolutions go event by event; forced are {@code scalar}, {@code vector},
   *     whose convolutions all count, and {@code events}, whose convolutions all go event by event
   * @throws IllegalArgumentException if the choice is unknown or cannot be met
   */
  public static KernelFamily choose(String choice) {
    return switch (choice) {
      case "scalar" -> new ScalarKernels();
      case "vector" -> forced(choice, Events.NEVER);
      case "events" -> forced(choice, Events.ALWAYS);
      case "auto" -> {
        if (vectorsPresent()) {
          yield new VectorKernels(Events.MEASURED);
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
              "unknown kernels '%s'; there are auto, scalar, vector, events".formatted(choice));
    };
  }

  private static KernelFamily forced(String choice, Events events) {
    if (!vectorsPresent()) {
      throw new IllegalArgumentException(
          "kernels=%s needs the module %s: start java with --add-modules %s"
              .formatted(choice, MODULE, MODULE));
    }
    return new VectorKernels(events);
  }

  private static boolean vectorsPresent() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }
}
