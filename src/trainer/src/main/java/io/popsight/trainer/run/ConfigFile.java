package io.popsight.trainer.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A run's YAML file over {@code defaults.yaml} and a preset, with overrides over both; what cannot
 * be read is told with key or line.
 */
final class ConfigFile {

  private static final String DEFAULTS = "defaults.yaml";
  private static final String PRESETS = "presets.yaml";

  /** Where the reader began to see what is wrong. */
  private static final Pattern MARK = Pattern.compile("line (\\d+), column");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .build();

  private ConfigFile() {}

  /**
   * Reads a file and applies overrides.
   *
   * @param overrides {@code key=value}, nested keys with dots
   * @throws IllegalArgumentException naming the key that is unknown, missing or unusable
   */
  static TrainConfig read(Path file, List<String> overrides) {
    ObjectNode own = tree(file);
    ObjectNode base = defaults();
    base.put("name", String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", ""));
    ObjectNode whole = over(base.deepCopy(), own, overrides);
    String preset = whole.path("preset").asString("");
    if (!preset.isEmpty()) {
      merge(preset(preset), (ObjectNode) base.get("network"));
      whole = over(base, own, overrides);
    }
    try {
      return YAML.treeToValue(whole, TrainConfig.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(unknown(e), e);
    } catch (DatabindException e) {
      throw new IllegalArgumentException(file.getFileName() + ": " + unusable(e, whole), e);
    }
  }

  static String keys() {
    return resource(DEFAULTS);
  }

  static String yaml(TrainConfig config) {
    return YAML.writeValueAsString(config);
  }

  /**
   * What a run would go on with otherwise than it was started, a line a key: {@code learningRate:
   * 0.5, was 0.004}.
   *
   * @param before written by {@link #yaml}
   */
  static List<String> changes(Path before, TrainConfig now) {
    List<String> found = new ArrayList<>();
    changes("", tree(before), YAML.readTree(yaml(now)), found);
    return found;
  }

  private static void changes(String within, JsonNode before, JsonNode now, List<String> found) {
    for (String key : now.propertyNames()) {
      JsonNode was = before.path(key);
      JsonNode is = now.path(key);
      if (is.isObject()) {
        changes(within + key + ".", was, is, found);
      } else if (!is.equals(was)) {
        found.add("%s%s: %s, was %s".formatted(within, key, is, was));
      }
    }
  }

  private static ObjectNode tree(Path file) {
    try {
      if (YAML.readTree(Files.readString(file)) instanceof ObjectNode tree) {
        return tree;
      }
      throw new IllegalArgumentException(file + " holds no keys");
    } catch (JacksonException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, notYaml(e)), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file, e);
    }
  }

  /** The reader's reason, without the excerpts of the file that it adds on lines of their own. */
  private static String notYaml(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    String reason =
        message
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith(" "))
            .map(
                line ->
                    line.replaceFirst(
                        "Duplicate property (\\S+) .*", "the key $1 stands there twice"))
            .collect(Collectors.joining(", "));
    Matcher mark = MARK.matcher(message);
    int line = mark.find() ? Integer.parseInt(mark.group(1)) : e.getLocation().getLineNr();
    return "line %d: %s".formatted(line, reason);
  }

  private static ObjectNode over(ObjectNode base, ObjectNode file, List<String> overrides) {
    merge(file, base);
    overrides.forEach(override -> apply(base, override));
    return base;
  }

  private static ObjectNode preset(String name) {
    JsonNode presets = YAML.readTree(resource(PRESETS));
    if (presets.get(name) instanceof ObjectNode network) {
      return network;
    }
    throw new IllegalArgumentException(
        "preset '%s'; there are %s".formatted(name, String.join(", ", presets.propertyNames())));
  }

  /** Names of the sizes to start from, smallest first. */
  static List<String> presets() {
    return List.copyOf(YAML.readTree(resource(PRESETS)).propertyNames());
  }

  private static String resource(String name) {
    try (InputStream stream =
        Objects.requireNonNull(ConfigFile.class.getResourceAsStream(name), name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode defaults() {
    return (ObjectNode) YAML.readTree(keys());
  }

  /** Keys of one tree into another, in which they replace what is there. */
  private static void merge(ObjectNode from, ObjectNode into) {
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      if (entry.getValue() instanceof ObjectNode inner
          && into.get(entry.getKey()) instanceof ObjectNode outer) {
        merge(inner, outer);
      } else {
        into.set(entry.getKey(), entry.getValue());
      }
    }
  }

  private static void apply(ObjectNode tree, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("an override is key=value, got '%s'".formatted(override));
    }
    String[] keys = override.substring(0, equals).split("\\.", -1);
    ObjectNode at = tree;
    for (int i = 0; i < keys.length - 1; i++) {
      at = at.get(keys[i]) instanceof ObjectNode inner ? inner : at.putObject(keys[i]);
    }
    at.set(keys[keys.length - 1], value(override, override.substring(equals + 1)));
  }

  private static JsonNode value(String override, String text) {
    try {
      return text.isBlank() ? StringNode.valueOf("") : YAML.readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s: the value is no YAML (%s); patterns with * are quoted, as in 'freeze=[\"stage*\"]'"
              .formatted(override, notYaml(e)),
          e);
    }
  }

  private static String unknown(UnrecognizedPropertyException e) {
    List<String> known = e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
    String near = nearest(e.getPropertyName(), known);
    return "unknown key '%s'%s Known here: %s"
        .formatted(
            path(e),
            near.isEmpty() ? "." : "; did you mean '%s'?".formatted(near),
            String.join(", ", known));
  }

  /** The known key that differs in less than half of its letters; empty if none does. */
  private static String nearest(String key, Collection<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .min(Comparator.comparing(name -> distance.apply(key, name)))
        .filter(name -> 2 * distance.apply(key, name) < Math.max(key.length(), name.length()))
        .orElse("");
  }

  private static String unusable(DatabindException e, JsonNode whole) {
    if (e.getCause() instanceof IllegalArgumentException wrong
        && !(e.getCause() instanceof JacksonException)) {
      String reason = String.valueOf(wrong.getMessage());
      return reason.startsWith(path(e)) ? reason : path(e) + ": " + reason;
    }
    if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      JsonNode value = whole.at("/" + path(e).replace('.', '/'));
      return "%s: %s; it takes %s".formatted(path(e), value, wanted(mismatch.getTargetType()));
    }
    return path(e) + ": " + e.getOriginalMessage();
  }

  private static String wanted(Class<?> type) {
    if (type == int.class || type == long.class || type == Integer.class) {
      return "a whole number";
    }
    if (type == double.class || type == float.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return "one of "
          + List.of(type.getEnumConstants()).stream()
              .map(value -> YAML.<JsonNode>valueToTree(value).asString())
              .collect(Collectors.joining(", "));
    }
    return Collection.class.isAssignableFrom(type) ? "a list such as [a, b]" : "keys of its own";
  }

  /** Where a key stands in the file, with dots. */
  private static String path(JacksonException e) {
    return e.getPath().stream()
        .map(JacksonException.Reference::getPropertyName)
        .filter(Objects::nonNull)
        .collect(Collectors.joining("."));
  }
}
