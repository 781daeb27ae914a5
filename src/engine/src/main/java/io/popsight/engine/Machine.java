package io.popsight.engine;

import io.popsight.engine.conv.Processor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the speed of kernels depends on, and where what was found out about it can be kept. */
final class Machine {

  private Machine() {}

  /** Architecture, processor where Linux tells it, Java. */
  static String kind() {
    return "%s %s %s"
        .formatted(
            System.getProperty("os.arch"),
            Processor.name().orElse("unknown"),
            System.getProperty("java.vm.version"));
  }

  /**
   * The folder that the property {@code popsight.races} names, else one below the user's home;
   * empty for a user without.
   */
  static Optional<Path> races() {
    return Optional.ofNullable(System.getProperty("popsight.races"))
        .map(Path::of)
        .or(
            () ->
                Optional.ofNullable(System.getProperty("user.home"))
                    .map(Path::of)
                    .filter(Files::isDirectory)
                    .map(home -> home.resolve(".cache").resolve("popsight").resolve("races")));
  }
}
