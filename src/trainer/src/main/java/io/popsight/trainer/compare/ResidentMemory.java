package io.popsight.trainer.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a process grows by for a contender: libraries, weights, buffers and compiled code. Each is
 * measured in a Java process of its own, which has its photos decoded before. It runs with the
 * launcher's flags for memory ({@code service_flags} in {@code popsight}) plus one that gives freed
 * native memory back before it is read.
 */
final class ResidentMemory {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int ROUNDS = 10;

  /** Long enough for what the flag below gives back to be given back. */
  private static final long SETTLE_MILLIS = 1500;

  private static final List<String> FLAGS =
      List.of("-XX:+UseSerialGC", "-XX:MaxNewSize=64m", "-XX:TrimNativeHeapInterval=500");

  /**
   * What Java is told for the whole machine: a collector asked for there would be a second one,
   * with which it does not start.
   */
  private static final Set<String> FOR_ALL_JAVA = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

  private ResidentMemory() {}

  /**
   * Measures one.
   *
   * @param photos files of photos to detect on
   * @return bytes; nothing where the system does not tell what a process holds
   * @throws IOException if the process fails, with what it said
   */
  static OptionalLong of(Entry entry, List<Path> photos) throws IOException {
    if (!Files.exists(STATUS)) {
      return OptionalLong.empty();
    }
    List<String> arguments = new ArrayList<>();
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(arguments::add);
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    arguments.addAll(List.of(ResidentMemory.class.getName(), entry.toString()));
    photos.forEach(photo -> arguments.add(photo.toString()));
    Process process = java(arguments, System.getenv()).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    try {
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IOException(
            "memory of %s could not be measured, exit %d: %s".formatted(entry, exit, said));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return OptionalLong.of(Long.parseLong(said.lines().toList().getLast()));
  }

  /**
   * A Java process with the flags above and no others from outside; what it says is one text.
   *
   * @param environment that of this process
   */
  static ProcessBuilder java(List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(arguments);
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process.environment().clear();
    process.environment().putAll(environment);
    process.environment().keySet().removeAll(FOR_ALL_JAVA);
    return process;
  }

  /** In the process of its own: an entry, then files of photos. */
  public static void main(String[] args) throws IOException, InterruptedException {
    PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    List<Photo> photos = new ArrayList<>();
    for (String file : List.of(args).subList(1, args.length)) {
      photos.add(decoder.decode(Files.readAllBytes(Path.of(file))));
    }
    long before = settled();
    Contender contender = Entry.parse(args[0]).contender(List.of());
    Contender.Look look = contender.open();
    for (int round = 0; round < ROUNDS; round++) {
      photos.forEach(photo -> look.detect(photo, Comparison.SERVED));
    }
    System.out.println(settled() - before);
    look.close();
    contender.close();
  }

  private static long settled() throws IOException, InterruptedException {
    System.gc();
    Thread.sleep(SETTLE_MILLIS);
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow();
    }
  }
}
