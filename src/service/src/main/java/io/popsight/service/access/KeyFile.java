package io.popsight.service.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.popsight.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keys in a file, one a line: {@code name roles secret [rate]}, roles with commas between; lines
 * that are empty or start with {@code #} are skipped. For one thread.
 */
final class KeyFile {

  /** Bytes, as a Secret of Kubernetes may have; more are no list of keys. */
  private static final int MOST = 1 << 20;

  private final Path path;

  /** What it was when it was last read, and at the last look: a digest, or why there is none. */
  private String taken = "";

  private String seen = "";

  KeyFile(Path path) {
    this.path = path;
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException with the line's number, never with the line
   */
  List<KeySettings> read() {
    byte[] content = content();
    taken = Sha256.digits(content);
    return keys(content);
  }

  /**
   * Reads another file than was read last. Only one that is the same in two looks in a row counts:
   * else it is still being written, or about to be replaced. By its content, so that it does not
   * matter whether it was written, moved into place or is behind a link that now leads elsewhere,
   * as in a volume of Kubernetes.
   *
   * @return empty where nothing has changed
   * @throws IllegalArgumentException where it cannot be used; once, not at each look
   */
  Optional<List<KeySettings>> readChanged() {
    byte[] content;
    try {
      // Whoever opens a pipe waits until somebody writes into it, perhaps for ever.
      if (Files.exists(path) && !canBeReadAgain()) {
        throw new IllegalArgumentException(
            "popsight.key-file: %s is no file any more".formatted(path));
      }
      content = content();
    } catch (IllegalArgumentException e) {
      if (hasChanged(String.valueOf(e.getMessage()))) {
        throw e;
      }
      return Optional.empty();
    }
    return hasChanged(Sha256.digits(content)) ? Optional.of(keys(content)) : Optional.empty();
  }

  private boolean hasChanged(String now) {
    boolean changed = now.equals(seen) && !now.equals(taken);
    seen = now;
    if (changed) {
      taken = now;
    }
    return changed;
  }

  /** A pipe gives its keys once. */
  boolean canBeReadAgain() {
    return Files.isRegularFile(path);
  }

  private byte[] content() {
    try (InputStream file = Files.newInputStream(path)) {
      byte[] content = file.readNBytes(MOST + 1);
      if (content.length > MOST) {
        throw new IllegalArgumentException(
            "popsight.key-file: %s has more than 1 MiB".formatted(path));
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("popsight.key-file: there is no file " + path, e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private List<KeySettings> keys(byte[] content) {
    List<String> lines;
    try {
      lines = UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString().lines().toList();
    } catch (CharacterCodingException e) {
      throw unreadable(e);
    }
    List<KeySettings> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        keys.add(key(line, path + ", line " + (i + 1)));
      }
    }
    // Who names a file means to close the doors, and no key at all would open them.
    if (keys.isEmpty()) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s has no key: want a line 'name roles secret [rate]'"
              .formatted(path));
    }
    return keys;
  }

  private IllegalArgumentException unreadable(IOException e) {
    return new IllegalArgumentException(
        "popsight.key-file: cannot read %s as UTF-8 text: %s".formatted(path, e), e);
  }

  private static KeySettings key(String line, String place) {
    String[] words = line.split("\\s+", -1);
    if (words.length < 3 || words.length > 4) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s: want 'name roles secret [rate]'".formatted(place));
    }
    Set<Role> roles;
    double rate;
    try {
      roles =
          Arrays.stream(words[1].split(",", -1))
              .map(role -> Role.valueOf(role.toUpperCase(Locale.ROOT)))
              .collect(Collectors.toUnmodifiableSet());
      rate = words.length == 4 ? Double.parseDouble(words[3]) : 0;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s: roles are detect, metrics, admin; the rate is a number"
              .formatted(place),
          e);
    }
    // Without the name, which is the secret where the two were swapped.
    if (words[2].length() < KeySettings.SHORTEST) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s: want at least %d characters of the secret, the third word"
              .formatted(place, KeySettings.SHORTEST));
    }
    return new KeySettings(words[0], words[2], roles, rate);
  }
}
