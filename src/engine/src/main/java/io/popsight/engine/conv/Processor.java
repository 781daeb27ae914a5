package io.popsight.engine.conv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the speed of kernels depends on. */
public final class Processor {

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** Its name, where Linux tells it. */
  public static Optional<String> name() {
    return line("model name").or(() -> line("CPU part"));
  }

  /**
   * What counting a word of a window under an output channel's mask costs, in additions of a weight
   * to a channel's sum. Measured on a Zen 5 (1.6, before additions became cheaper) and, where no
   * instruction counts the bits of each lane, on an EPYC of Zen 3; taken for granted elsewhere.
   */
  public static double wordCost() {
    return Lanes.COUNTS_BITS ? 2 : 4.8;
  }

  /** What the counts of a channel cost besides, once a window. */
  public static double countsCost() {
    return Lanes.COUNTS_BITS ? 0 : 168;
  }

  /** Whether Linux tells of a feature; empty where it does not list features. */
  static Optional<Boolean> has(String feature) {
    return line("flags").map(flags -> List.of(flags.split(" ", -1)).contains(feature));
  }

  private static Optional<String> line(String key) {
    if (!Files.isReadable(CPUINFO)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines.filter(line -> line.startsWith(key)).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
