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
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a process grows by for a contender: libraries, weights, buffers and compiled code. Each is
 * measured in a Java process of its own, which has its photos decoded before and runs with the
 * service's flags for memory.
 */
final class ResidentMemory {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int ROUNDS = 10;

  /** Long enough for what the flag below gives back to be given back. */
  private static final long SETTLE_MILLIS = 1500;

  private static final List<String> FLAGS =
      List.of("-XX:+UseSerialGC", "-XX:MaxNewSize=64m", "-XX:TrimNativeHeapInterval=500");

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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(command::add);
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ResidentMemory.class.getName(), entry.toString()));
    photos.forEach(photo -> command.add(photo.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
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
