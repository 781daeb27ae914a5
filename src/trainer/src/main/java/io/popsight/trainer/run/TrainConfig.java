package io.popsight.trainer.run;

import io.popsight.backend.Backends;
import io.popsight.model.ModelMetadata;
import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.loss.Assigner;
import io.popsight.trainer.loss.BoxOverlap;
import io.popsight.trainer.network.Architecture;
import io.popsight.trainer.network.Precision;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

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
 * @param boxWeight factor of the boxes' part of the loss, above 0
 * @param teacher model file whose answers are learned from too; empty: none
 * @param teacherWeight factor of its part of the loss
 * @param average decay a step of the averaged weights, near 1; 0 keeps none
 * @param soup checkpoints of other runs of this network whose weights are averaged with this one's
 *     in the end; empty: none
 * @param mosaicUntil share of the epochs with mosaic and pasting; the rest sees whole photos
 * @param evaluateEvery epochs between evaluations of the exported file; 0 only at the end
 * @param seed of every random number
 * @param device where the network learns
 * @param threads of libtorch; 0 one a core
 * @param precision of the convolutions while training, {@code bfloat16} where the processor
 *     multiplies it (AVX-512 BF16, AMX, recent Arm), else {@code float32}
 * @param loaders threads that make samples; 0 one a core
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
    List<String> soup,
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

  /** Checks what would otherwise be found out late. */
  public TrainConfig {
    refuse(data.dir().isEmpty(), "data.dir: the folder of the photos is not given");
    refuse(!ModelMetadata.isName(name), "name '%s': up to 100 letters, digits, . - _", name);
    refuse(
        !ModelMetadata.isName(version), "version '%s': up to 100 letters, digits, . - _", version);
    refuse(
        inputHeight < 32 || inputHeight % 32 != 0 || inputWidth < 32 || inputWidth % 32 != 0,
        "inputHeight %d and inputWidth %d must be multiples of 32",
        inputHeight,
        inputWidth);
    refuse(epochs < 1, "epochs %d; at least 1", epochs);
    refuse(batch < 1, "batch %d; at least 1", batch);
    refuse(!(learningRate > 0), "learningRate %s; above 0", learningRate);
    refuse(!(hoyer >= 0), "hoyer %s; 0 or more", hoyer);
    refuse(!(boxWeight > 0), "boxWeight %s; above 0", boxWeight);
    refuse(!(teacherWeight >= 0), "teacherWeight %s; 0 or more", teacherWeight);
    refuse(!(average >= 0 && average < 1), "average %s; 0 to below 1", average);
    refuse(!(mosaicUntil >= 0 && mosaicUntil <= 1), "mosaicUntil %s; 0 to 1", mosaicUntil);
    refuse(evaluateEvery < 0, "evaluateEvery %d; 0 or more", evaluateEvery);
    refuse(threads < 0, "threads %d; 0 or more", threads);
    refuse(loaders < 0, "loaders %d; 0 or more", loaders);
    refuse(cacheMegabytes < 0, "cacheMegabytes %d; 0 or more", cacheMegabytes);
    List<String> backends = Backends.installed().names();
    refuse(!backends.contains(backend), "backend '%s'; %s", backend, String.join(" or ", backends));
    refuse(!(minScore >= 0 && minScore <= 1), "minScore %s; 0 to 1", minScore);
    refuse(!(iou > 0 && iou <= 1), "iou %s; above 0, to 1", iou);
    refuse(
        task == Task.CLASSIFICATION && (augment.scale() > 0.5 || augment.shift() > 0.2),
        "augment: where whole photos are classified, scale goes up to 0.5 and shift up to 0.2");
    refuse(
        task == Task.CLASSIFICATION && !teacher.isEmpty(),
        "teacher %s; only detection learns from one",
        teacher);
    refuse(
        task == Task.DETECTION && network.stemStride() != 2,
        "network.stemStride %d; detection has 2: its heads are at strides 8, 16 and 32",
        network.stemStride());
    threads = orCores(threads);
    loaders = orCores(loaders);
    backend = network.integer() ? backend : RUNS_FLOATS;
  }

  /**
   * How samples of an epoch are varied: from a point on, and where whole photos are classified,
   * without mosaic.
   *
   * @param epoch from 0 on
   */
  AugmentSettings augment(int epoch) {
    boolean whole = task == Task.CLASSIFICATION || epoch >= mosaicUntil * epochs;
    return whole ? augment.ofWholePhotos() : augment;
  }

  private static int orCores(int threads) {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  private static void refuse(boolean wrong, String message, Object... values) {
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

  /** Every key with its default and what it means, as YAML with comments. */
  public static String keys() {
    return ConfigFile.keys();
  }

  /**
   * Refuses files that the run would miss only after its photos are read.
   *
   * @param resume whether it goes on from its own checkpoint, and from nothing else
   * @throws IllegalArgumentException naming key and file
   */
  void requireFiles(boolean resume) {
    if (!resume) {
      requireFile("from", from);
    }
    requireFile("teacher", teacher);
    soup.forEach(file -> requireFile("soup", file));
  }

  private static void requireFile(String key, String file) {
    refuse(
        !file.isEmpty() && !Files.isRegularFile(Path.of(file)),
        "%s: there is no file %s",
        key,
        file);
  }
}
