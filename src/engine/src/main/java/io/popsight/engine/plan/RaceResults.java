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

  private final Optional<Path> file;
  private final Map<String, Boolean> eventsFaster = new TreeMap<>();
  private boolean changed;

  private RaceResults(Optional<Path> file) {
    this.file = file;
  }

  /** Those of a file, whether it is there or not. */
  public static RaceResults in(Path file) {
    RaceResults results = new RaceResults(Optional.of(file));
    if (Files.isReadable(file)) {
      try {
        Files.readAllLines(file).forEach(results::read);
      } catch (IOException e) {
        LOG.debug("Kernels are measured again: {} cannot be read: {}", file, e.toString());
      }
    }
    return results;
  }

  /** None, and none are kept. */
  public static RaceResults forgotten() {
    return new RaceResults(Optional.empty());
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

  /** The result of a layer, of a race now if there is none yet; empty if that has none either. */
  Optional<Boolean> of(String layer, Supplier<Optional<Boolean>> race) {
    Optional<Boolean> known = Optional.ofNullable(eventsFaster.get(layer));
    if (known.isPresent()) {
      return known;
    }
    Optional<Boolean> found = race.get();
    found.ifPresent(faster -> eventsFaster.put(layer, faster));
    changed |= found.isPresent();
    return found;
  }

  /** Keeps what was found out since. */
  void keep() {
    if (!changed || file.isEmpty()) {
      return;
    }
    Path path = file.get();
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Path whole = Files.createTempFile(path.toAbsolutePath().getParent(), "race", ".tmp");
      Files.writeString(whole, lines(), StandardCharsets.UTF_8);
      Files.move(whole, path, StandardCopyOption.REPLACE_EXISTING);
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
