package io.popsight.trainer.run;

import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.network.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Everything that a run depends on: one YAML file, over the defaults of {@code defaults.yaml}.
 *
 * @param name of the model
 * @param version of the model
 * @param about introduction of the model's card: what it is for, the photos' origin and licence,
 *     known failures; may be empty
 * @param data photos and their boxes
 * @param inputHeight rows of the network's input, a multiple of 32
 * @param inputWidth columns of the network's input, a multiple of 32
 * @param network its shape
 * @param from checkpoint of another run whose weights are taken over where names and shapes agree,
 *     such as a whole backbone under a head of new classes; empty starts afresh
 * @param epochs passes over the training photos
 * @param batch photos a step
 * @param learningRate at its highest; rises over the first 3 % of steps, falls as a cosine
 * @param hoyer lambda, factor of the normalised Hoyer regularizer
 * @param boxWeight factor of the boxes' part of the loss, 2.5 where nothing speaks against it
 * @param average decay a step of the averaged weights, near 1; 0 keeps none
 * @param mosaicUntil share of the epochs with mosaic; the rest sees whole photos
 * @param evaluateEvery epochs between evaluations of the exported file
 * @param seed of every random number
 * @param threads of libtorch
 * @param minScore default score threshold written into the file
 * @param iou default suppression threshold written into the file
 * @param backend that evaluates the exported file; always onnx where weights are float, which
 *     popcount does not run
 * @param augment how photos are varied
 */
public record TrainConfig(
    String name,
    String version,
    String about,
    Data data,
    int inputHeight,
    int inputWidth,
    Architecture network,
    String from,
    int epochs,
    int batch,
    double learningRate,
    double hoyer,
    double boxWeight,
    double average,
    double mosaicUntil,
    int evaluateEvery,
    long seed,
    int threads,
    float minScore,
    float iou,
    String backend,
    AugmentSettings augment) {

  private static final String RUNS_FLOATS = "onnx";
  private static final String DEFAULTS = "defaults.yaml";

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** Chooses the backend of a float network. */
  public TrainConfig {
    backend = network.integer() ? backend : RUNS_FLOATS;
  }

  /**
   * Where the photos are.
   *
   * @param format {@code voc}, {@code yolo} or {@code coco}
   * @param dir folder of the data set
   * @param train name of the split to learn from
   * @param validate name of the split to measure on
   */
  public record Data(String format, String dir, String train, String validate) {

    /** The split to learn from, with the data set's own labels. */
    DataSet readTrain(Consumer<String> problems) throws IOException {
      return DataSet.read(format, Path.of(dir), train, List.of(), problems);
    }

    /** The split to measure on. */
    DataSet readValidate(List<String> labels, Consumer<String> problems) throws IOException {
      return DataSet.read(format, Path.of(dir), validate, labels, problems);
    }
  }

  /**
   * Reads a file and applies overrides.
   *
   * @param overrides {@code key=value}, nested keys with dots
   * @throws IllegalArgumentException naming the key that is unknown, missing or unusable
   */
  public static TrainConfig read(Path file, List<String> overrides) {
    try {
      if (!(YAML.readTree(Files.readString(file)) instanceof ObjectNode tree)) {
        throw new IllegalArgumentException(file + " holds no keys");
      }
      ObjectNode whole = defaults();
      merge(tree, whole);
      for (String override : overrides) {
        apply(whole, override);
      }
      return YAML.treeToValue(whole, TrainConfig.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "unknown key '%s'; did you mean '%s'? Known here: %s"
              .formatted(path(e), nearest(e.getPropertyName(), e.getKnownPropertyIds()), known(e)),
          e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file.getFileName() + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file, e);
    }
  }

  private static ObjectNode defaults() throws IOException {
    try (InputStream stream = TrainConfig.class.getResourceAsStream(DEFAULTS)) {
      if (stream != null && YAML.readTree(stream) instanceof ObjectNode tree) {
        return tree;
      }
      throw new IllegalStateException("the trainer's jar lacks " + DEFAULTS);
    }
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

  /** The configuration as YAML. */
  public String toYaml() {
    return YAML.writeValueAsString(this);
  }

  /** Where a key stands in the file, with dots. */
  private static String path(UnrecognizedPropertyException e) {
    return e.getPath().stream()
        .map(JacksonException.Reference::getPropertyName)
        .collect(Collectors.joining("."));
  }

  private static List<String> known(UnrecognizedPropertyException e) {
    return e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
  }

  private static String nearest(String key, Collection<Object> known) {
    return known.stream()
        .map(String::valueOf)
        .min(
            Comparator.comparing(name -> LevenshteinDistance.getDefaultInstance().apply(key, name)))
        .orElse("");
  }

  private static void apply(ObjectNode tree, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("an override is key=value, got '%s'".formatted(override));
    }
    String[] keys = override.substring(0, equals).split("\\.", -1);
    ObjectNode at = tree;
    for (int i = 0; i < keys.length - 1; i++) {
      if (!(at.get(keys[i]) instanceof ObjectNode inner)) {
        throw new IllegalArgumentException(
            "unknown key '%s'".formatted(override.substring(0, equals)));
      }
      at = inner;
    }
    String text = override.substring(equals + 1);
    JsonNode value = text.isBlank() ? StringNode.valueOf("") : YAML.readTree(text);
    at.set(keys[keys.length - 1], value);
  }
}
