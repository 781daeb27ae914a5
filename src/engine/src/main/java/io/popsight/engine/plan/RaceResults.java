package io.popsight.engine.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which convolutions of a model were faster event by event on this machine. Kept in a file, a line
 * a layer; one that cannot be read or written costs nothing but another race.
 */
public final class RaceResults {

  private static final Logger LOG = LoggerFactory.getLogger(RaceResults.class);
  private static final String EVENTS = "events";
  private static final String COUNTING = "counting";

  private final Supplier<Optional<Path>> file;
  private final Map<String, Boolean> eventsFaster = new TreeMap<>();
  private boolean asked;
  private boolean changed;

  /**
   * Those of a file, whether it is there or not; nothing is kept where there is none.
   *
   * @param file asked for when the first result is: most models need none
   */
  public RaceResults(Supplier<Optional<Path>> file) {
    this.file = file;
  }

  private void read() {
    Optional<Path> kept = file.get().filter(Files::isReadable);
    if (kept.isPresent()) {
      try {
        Files.readAllLines(kept.get()).forEach(this::read);
      } catch (IOException e) {
        LOG.debug("Kernels are measured again: {} cannot be read: {}", kept.get(), e.toString());
      }
    }
  }

  private void read(String line) {
    int space = line.indexOf(' ');
    if (space > 0) {
      switch (line.substring(0, space)) {
        case EVENTS -> eventsFaster.put(line.substring(space + 1), true);
        case COUNTING -> eventsFaster.put(line.substring(space + 1), false);
        default -> LOG.debug("Not a result: {}", line);
      }
    }
  }

  /** Whether a layer was faster event by event; empty if that was not measured. */
  Optional<Boolean> of(String layer) {
    if (!asked) {
      asked = true;
      read();
    }
    return Optional.ofNullable(eventsFaster.get(layer));
  }

  /** What a race found out. */
  void add(String layer, boolean faster) {
    eventsFaster.put(layer, faster);
    changed = true;
  }

  /** Keeps what was found out since. */
  void keep() {
    if (changed) {
      file.get().ifPresent(this::write);
    }
  }

  private void write(Path path) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Path whole = Files.createTempFile(path.toAbsolutePath().getParent(), "race", ".tmp");
      try {
        Files.writeString(whole, lines(), StandardCharsets.UTF_8);
        Files.move(whole, path, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(whole);
      }
    } catch (IOException e) {
      LOG.debug("Kernels will be measured again: {} cannot be written: {}", path, e.toString());
    }
  }

  private String lines() {
    return eventsFaster.entrySet().stream()
        .map(one -> (one.getValue() ? EVENTS : COUNTING) + " " + one.getKey() + "\n")
        .collect(Collectors.joining());
  }
}
