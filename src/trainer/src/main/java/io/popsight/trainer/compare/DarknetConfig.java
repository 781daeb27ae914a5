package io.popsight.trainer.compare;

import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A network as Darknet describes it: {@code NAME.cfg}, beside which lie {@code NAME.weights} and
 * {@code coco.names}, a label a line.
 *
 * @param file {@code NAME.cfg}
 * @param network its section {@code [net]}
 * @param layers all other sections, in order
 */
record DarknetConfig(Path file, Section network, List<Section> layers) {

  /**
   * Reads it.
   *
   * @throws IOException if it cannot be read or there are no weights beside it
   * @throws ModelRefusedException naming the line that makes no sense
   */
  static DarknetConfig read(Path file) throws IOException {
    List<Section> sections = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      // Darknet takes all white space away, also inside of values.
      String line = lines.get(i).replaceAll("\\s", "");
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (line.startsWith("[") && line.endsWith("]")) {
        String kind = line.substring(1, line.length() - 1);
        sections.add(new Section(file, i + 1, kind, new LinkedHashMap<>()));
      } else if (equals > 0 && !sections.isEmpty()) {
        sections.getLast().values.put(line.substring(0, equals), line.substring(equals + 1));
      } else {
        throw new ModelRefusedException(
            "%s:%d: neither [section] nor key=value".formatted(file, i + 1));
      }
    }
    if (sections.isEmpty() || !sections.getFirst().kind.equals("net")) {
      throw new ModelRefusedException("%s does not begin with [net]".formatted(file));
    }
    DarknetConfig config =
        new DarknetConfig(file, sections.getFirst(), sections.subList(1, sections.size()));
    if (!Files.isReadable(config.weights())) {
      throw new NoSuchFileException(config.weights().toString());
    }
    return config;
  }

  /** Name of the network: the file's. */
  String name() {
    return String.valueOf(file.getFileName()).replaceFirst("\\.cfg$", "");
  }

  Path weights() {
    return file.resolveSibling(name() + ".weights");
  }

  /** Columns of the input. */
  int width() {
    return network.count("width");
  }

  /** Rows of the input. */
  int height() {
    return network.count("height");
  }

  /**
   * A section.
   *
   * @param file that it stands in
   * @param line where it begins
   * @param kind its name
   * @param values its lines
   */
  record Section(Path file, int line, String kind, Map<String, String> values) {

    /** A whole number that must be there. */
    int number(String key) {
      return whole(key, text(key));
    }

    int number(String key, int otherwise) {
      return values.containsKey(key) ? number(key) : otherwise;
    }

    /** A whole number that must be there, and at least 1. */
    int count(String key) {
      int count = number(key);
      if (count < 1) {
        throw refused("%s=%d is less than 1".formatted(key, count));
      }
      return count;
    }

    int count(String key, int otherwise) {
      return values.containsKey(key) ? count(key) : otherwise;
    }

    /** Whole numbers, separated by commas. */
    List<Integer> numbers(String key) {
      return Arrays.stream(text(key).split(",", -1)).map(value -> whole(key, value)).toList();
    }

    /** Numbers, separated by commas. */
    List<Float> reals(String key) {
      return Arrays.stream(text(key).split(",", -1)).map(value -> real(key, value)).toList();
    }

    float real(String key, float otherwise) {
      return values.containsKey(key) ? real(key, text(key)) : otherwise;
    }

    String text(String key, String otherwise) {
      return values.getOrDefault(key, otherwise);
    }

    private String text(String key) {
      String value = values.get(key);
      if (value == null) {
        throw refused("there is no " + key);
      }
      return value;
    }

    private int whole(String key, String value) {
      try {
        return Integer.parseInt(value);
      } catch (NumberFormatException e) {
        throw refused("%s=%s is no whole number".formatted(key, value));
      }
    }

    private float real(String key, String value) {
      try {
        return Float.parseFloat(value);
      } catch (NumberFormatException e) {
        throw refused("%s=%s is no number".formatted(key, value));
      }
    }

    /** Refuses keys that are not understood: ignored, they would make another network. */
    void only(String... known) {
      Stream<String> others = values.keySet().stream().filter(key -> !Set.of(known).contains(key));
      others.findFirst().ifPresent(this::unknown);
    }

    private void unknown(String key) {
      throw refused(key + " is not understood");
    }

    ModelRefusedException refused(String reason) {
      return new ModelRefusedException("%s:%d: [%s]: %s".formatted(file, line, kind, reason));
    }
  }
}
