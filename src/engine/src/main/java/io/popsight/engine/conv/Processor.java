package io.popsight.engine.conv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.incubator.vector.IntVector;

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
   * to a channel's sum. Without an instruction that counts the bits of each lane it is ten times as
   * much. Measured on a Zen 5 with and without {@code -XX:UseAVX=2}; taken for granted elsewhere.
   */
  public static double wordCost() {
    return countsBits() ? 1.6 : 16;
  }

  /** VPOPCNTDQ, which some processors with AVX-512 lack; forced narrower vectors have it too. */
  private static boolean countsBits() {
    return IntVector.SPECIES_PREFERRED.vectorBitSize() == 512
        && line("flags").map(flags -> flags.contains("avx512_vpopcntdq")).orElse(true);
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
