package io.popsight.service.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keys in a file, one a line: {@code name roles secret [rate]}, roles with commas between; lines
 * that are empty or start with {@code #} are skipped.
 */
final class KeyFile {

  private final Path path;

  KeyFile(Path path) {
    this.path = path;
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException with the line's number, never with the line
   */
  List<KeySettings> read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("popsight.key-file: there is no file " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "popsight.key-file: cannot read %s as UTF-8 text: %s".formatted(path, e), e);
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

  private static KeySettings key(String line, String place) {
    String[] words = line.split("\\s+", -1);
    if (words.length < 3 || words.length > 4) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s: want 'name roles secret [rate]'".formatted(place));
    }
    try {
      Set<Role> roles =
          Arrays.stream(words[1].split(",", -1))
              .map(role -> Role.valueOf(role.toUpperCase(Locale.ROOT)))
              .collect(Collectors.toUnmodifiableSet());
      double rate = words.length == 4 ? Double.parseDouble(words[3]) : 0;
      return new KeySettings(words[0], words[2], roles, rate);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "popsight.key-file: %s: roles are detect, metrics, admin; the rate is a number"
              .formatted(place),
          e);
    }
  }
}
