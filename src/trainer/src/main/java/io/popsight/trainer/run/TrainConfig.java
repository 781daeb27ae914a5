package io.popsight.trainer.run;

import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.loss.Assigner;
import io.popsight.trainer.loss.BoxOverlap;
import io.popsight.trainer.network.Architecture;
import io.popsight.trainer.network.Precision;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.tensor.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
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
 * @param task {@link Task#DETECTION}, or {@link Task#CLASSIFICATION} of whole photos
 * @param data photos and their boxes, or photos in a folder a class
 * @param inputHeight rows of the network's input, a multiple of 32
 * @param inputWidth columns of the network's input, a multiple of 32
 * @param preset size that the network's keys start from, {@code nano}, {@code s} or {@code m};
 *     empty starts from the defaults
 * @param network its shape
 * @param from checkpoint of another run, or a model file, whose weights are taken over where names
 *     and shapes agree, such as a whole backbone under a head of new classes; empty starts afresh
 * @param freeze patterns of the layers that learn nothing, such as a backbone's under a new head
 * @param epochs passes over the training photos
 * @param batch photos a step
 * @param learningRate at its highest; rises over the first 3 % of steps, falls as a cosine
 * @param hoyer lambda, factor of the normalised Hoyer regularizer
 * @param assigner chooses the cells that answer for an object
 * @param boxOverlap what boxes are measured by
 * @param boxWeight factor of the boxes' part of the loss, 2.5 where nothing speaks against it
 * @param teacher model file whose answers are learned from too; empty: none
 * @param teacherWeight factor of its part of the loss
 * @param average decay a step of the averaged weights, near 1; 0 keeps none
 * @param mosaicUntil share of the epochs with mosaic; the rest sees whole photos
 * @param evaluateEvery epochs between evaluations of the exported file
 * @param seed of every random number
 * @param device where the network learns
 * @param threads of libtorch
 * @param precision of the convolutions while training, {@code bfloat16} where the processor
 *     multiplies it (AVX-512 BF16, AMX, recent Arm), else {@code float32}
 * @param loaders threads that make samples
 * @param cacheMegabytes memory for decoded photos
 * @param minScore default score threshold written into the file; 0 chooses the one of best F1
 * @param calibrate whether scores are turned into shares of right boxes
 * @param iou default suppression threshold written into the file
 * @param backend that evaluates the exported file; always onnx where weights are float, which
 *     popcount does not run
 * @param augment how photos are varied
 */
public record TrainConfig(
    String name,
    String version,
    String about,
    Task task,
    Data data,
    int inputHeight,
    int inputWidth,
    String preset,
    Architecture network,
    String from,
    List<String> freeze,
    int epochs,
    int batch,
    double learningRate,
    double hoyer,
    Assigner assigner,
    BoxOverlap boxOverlap,
    double boxWeight,
    String teacher,
    double teacherWeight,
    double average,
    double mosaicUntil,
    int evaluateEvery,
    long seed,
    Device device,
    int threads,
    Precision precision,
    int loaders,
    int cacheMegabytes,
    float minScore,
    boolean calibrate,
    float iou,
    String backend,
    AugmentSettings augment) {

  private static final String RUNS_FLOATS = "onnx";
  private static final String DEFAULTS = "defaults.yaml";
  private static final String PRESETS = "presets.yaml";

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** Checks what would otherwise be found out late. */
  public TrainConfig {
    require(data.dir().isEmpty(), "data.dir: the folder of the photos is not given");
    require(!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"), "name '%s': letters, digits, . - _", name);
    require(
        inputHeight < 32 || inputHeight % 32 != 0 || inputWidth < 32 || inputWidth % 32 != 0,
        "inputHeight %d and inputWidth %d must be multiples of 32",
        inputHeight,
        inputWidth);
    require(epochs < 1, "epochs %d; at least 1", epochs);
    require(batch < 1, "batch %d; at least 1", batch);
    require(!(learningRate > 0), "learningRate %s; above 0", learningRate);
    require(!(minScore >= 0 && minScore <= 1), "minScore %s; 0 to 1", minScore);
    require(!(iou > 0 && iou <= 1), "iou %s; above 0, to 1", iou);
    require(
        task == Task.CLASSIFICATION && (augment.scale() > 0.5 || augment.shift() > 0.2),
        "augment: where whole photos are classified, scale goes up to 0.5 and shift up to 0.2");
    require(
        task == Task.CLASSIFICATION && !teacher.isEmpty(),
        "teacher %s; only detection learns from one",
        teacher);
    require(
        task == Task.DETECTION && network.stemStride() != 2,
        "network.stemStride %d; detection has 2: its heads are at strides 8, 16 and 32",
        network.stemStride());
    threads = orCores(threads);
    loaders = orCores(loaders);
    backend = network.integer() ? backend : RUNS_FLOATS;
  }

  private static int orCores(int threads) {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  private static void require(boolean wrong, String message, Object... values) {
    if (wrong) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }

  /**
   * Where the photos are.
   *
   * @param format {@code voc}, {@code yolo}, {@code coco}, {@code folders}, or {@code auto}
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
      ObjectNode base = defaults();
      base.put("name", String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", ""));
      ObjectNode whole = over(base.deepCopy(), tree, overrides);
      String preset = whole.path("preset").asString("");
      if (!preset.isEmpty()) {
        merge(preset(preset), (ObjectNode) base.get("network"));
        whole = over(base, tree, overrides);
      }
      return YAML.treeToValue(whole, TrainConfig.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "unknown key '%s'; did you mean '%s'? Known here: %s"
              .formatted(path(e), nearest(e.getPropertyName(), e.getKnownPropertyIds()), known(e)),
          e);
    } catch (ValueInstantiationException e) {
      String reason = e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage();
      throw new IllegalArgumentException(file.getFileName() + ": " + reason, e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file.getFileName() + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file, e);
    }
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

  /** Every key with its default and what it means, as YAML with comments. */
  public static String keys() {
    return resource(DEFAULTS);
  }

  private static String resource(String name) {
    try (InputStream stream =
        Objects.requireNonNull(TrainConfig.class.getResourceAsStream(name), name)) {
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
