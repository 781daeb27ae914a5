package io.popsight.trainer.run;

import io.popsight.trainer.network.Fresh;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.tensor.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A run's state after a step. Random numbers need none: they follow from seed, epoch and position.
 *
 * @param file where it is kept
 * @param labels of the run's classes, in order
 */
record Checkpoint(Path file, List<String> labels) {

  private static final String EPOCH = "epoch";
  private static final String STEP = "step";
  private static final String MEANS = "means";
  private static final String LABELS = "labels";

  /** What a head makes of its features, a class a channel. */
  private static final Pattern OF_CLASSES = Pattern.compile("head\\d+\\.(weight|bias)");

  private static final String AVERAGE = "average/";
  private static final String OPTIMIZER = "optimizer";

  /**
   * How far a run has come.
   *
   * @param epochs done
   * @param steps done of the epoch after them
   * @param means over those steps
   */
  record Position(int epochs, int steps, EpochMeans means) {

    static Position start() {
      return new Position(0, 0, new EpochMeans());
    }
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** Writes beside the file, then moves into its place: a crash leaves the old one whole. */
  void save(Parameters parameters, WeightAverage average, Adam optimizer, Position position)
      throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".part");
    try (PointerScope _ = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      parameters.all().forEach((name, tensor) -> archive.write(key(name), tensor.detach().cpu()));
      average
          .tensors()
          .forEach((name, tensor) -> archive.write(AVERAGE + key(name), tensor.detach().cpu()));
      archive.write(EPOCH, number(position.epochs()));
      archive.write(STEP, number(position.steps()));
      archive.write(MEANS, new IValue(position.means().toJson()));
      archive.write(LABELS, new IValue(text(labels)));
      OutputArchive moments = new OutputArchive();
      optimizer.save(moments);
      archive.write(OPTIMIZER, moments);
      write(archive, fresh);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(OutputArchive archive, Path fresh) throws IOException {
    try (ArchiveFile into = new ArchiveFile(fresh)) {
      archive.save_to(into);
      into.finish();
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw new IOException(
          "%s cannot be written, %s. Free there: %d MB. %s"
              .formatted(
                  file,
                  exists() ? "the one before stands" : "there is none before it",
                  Files.getFileStore(file.toAbsolutePath().resolveSibling("")).getUsableSpace()
                      >> 20,
                  e.getMessage()),
          e);
    }
  }

  /**
   * Reads into the parameters, their average and the optimizer.
   *
   * @throws IllegalArgumentException if it is of another network, and nothing is changed then but
   *     values that a run would not go on with
   */
  Position load(Parameters parameters, WeightAverage average, Adam optimizer) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor any = parameters.trained().firstEntry().getValue();
      InputArchive archive = open(any.device());
      requireClasses(archive);
      parameters.all().forEach((name, tensor) -> read(archive, key(name), tensor));
      average.tensors().forEach((name, tensor) -> read(archive, AVERAGE + key(name), tensor));
      InputArchive moments = new InputArchive();
      archive.read(OPTIMIZER, moments);
      optimizer.load(moments);
      Tensor epochs = new Tensor();
      Tensor steps = new Tensor();
      IValue means = new IValue();
      archive.read(EPOCH, epochs);
      if (!archive.try_read(STEP, steps) || !archive.try_read(MEANS, means)) {
        throw new IllegalArgumentException(
            "%s is of an older trainer and cannot be resumed; begin a new run from its weights: from=%s"
                .formatted(file, file));
      }
      return new Position(
          epochs.item_int(),
          steps.item_int(),
          EpochMeans.fromJson(means.toStringRef().getString()));
    }
  }

  /**
   * Adds the trained tensors, averaged ones where there are any.
   *
   * @param sums by name, one for each of the network's
   * @throws IllegalArgumentException if it is of another network or of other classes
   */
  void addWeights(SequencedMap<String, Tensor> sums) {
    InputArchive archive = open(sums.firstEntry().getValue().device());
    requireClasses(archive);
    sums.forEach(
        (name, sum) -> {
          String averaged = AVERAGE + key(name);
          boolean there = archive.try_read(averaged, new Tensor());
          Tensor saved = sum.clone();
          read(archive, there ? averaged : key(name), saved);
          sum.add_(saved);
        });
  }

  private InputArchive open(Device device) {
    if (!exists()) {
      throw new IllegalArgumentException("there is no checkpoint " + file);
    }
    InputArchive archive = new InputArchive();
    try {
      archive.load_from(file.toString(), new DeviceOptional(device));
    } catch (RuntimeException e) {
      // libtorch's message goes on with its own call stack.
      throw new IllegalArgumentException(
          "%s is no checkpoint: %s"
              .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    return archive;
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  private void requireClasses(InputArchive archive) {
    if (isOfOtherClasses(archive)) {
      throw new IllegalArgumentException(
          "%s is of other classes than %s".formatted(file, String.join(", ", labels)));
    }
  }

  /** Checkpoints of older versions do not tell. */
  private boolean isOfOtherClasses(InputArchive archive) {
    IValue saved = new IValue();
    return archive.try_read(LABELS, saved) && !saved.toStringRef().getString().equals(text(labels));
  }

  private static String text(List<String> labels) {
    return String.join("\n", labels);
  }

  /**
   * Takes over what fits, but for the heads of other classes; averaged weights where there are any.
   * Latent weights of another width are scaled to the deviation of fresh ones, so that they learn
   * as fast.
   *
   * @return the trained tensors that stay as they are
   */
  List<Fresh> loadFitting(Parameters parameters) {
    List<Fresh> left = new ArrayList<>();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InputArchive archive = open(torch.ones(1).device());
      boolean otherClasses = isOfOtherClasses(archive);
      parameters
          .all()
          .forEach(
              (name, tensor) -> {
                boolean fresh = otherClasses && OF_CLASSES.matcher(name).matches();
                boolean taken =
                    !fresh && (copied(archive, name, tensor) || scaled(archive, name, tensor));
                if (!taken && parameters.trained().containsKey(name)) {
                  left.add(fresh ? Fresh.ofOtherClasses(name) : unfitting(archive, name, tensor));
                }
              });
    }
    return left;
  }

  /** Why what is saved is not taken over. */
  private static Fresh unfitting(InputArchive archive, String name, Tensor into) {
    List<String> names = new ArrayList<>(List.of(name));
    names.addAll(SpikingDetector.ofOtherWidths(name));
    Tensor saved = new Tensor();
    return names.stream().anyMatch(other -> archive.try_read(key(other), saved))
        ? Fresh.ofAnotherShape(name, saved.shape(), into.shape())
        : Fresh.missing(name);
  }

  private static boolean copied(InputArchive archive, String name, Tensor into) {
    Tensor saved = new Tensor();
    boolean fits =
        (archive.try_read(AVERAGE + key(name), saved) || archive.try_read(key(name), saved))
            && Arrays.equals(saved.shape(), into.shape());
    if (fits) {
      into.copy_(saved);
    }
    return fits;
  }

  private static boolean scaled(InputArchive archive, String name, Tensor into) {
    Tensor fresh = into.detach().clone();
    for (String other : SpikingDetector.ofOtherWidths(name)) {
      if (copied(archive, other, into)) {
        into.mul_(fresh.std().div(into.std()));
        return true;
      }
    }
    return false;
  }

  private static Tensor number(int value) {
    return torch.full(new long[] {1}, new Scalar(value));
  }

  private void read(InputArchive archive, String key, Tensor into) {
    Tensor saved = new Tensor();
    boolean there = archive.try_read(key, saved);
    if (!there || !Arrays.equals(saved.shape(), into.shape())) {
      throw new IllegalArgumentException(
          "%s is of another network: %s is %s there and %s in this run. It goes on with the keys that it was started with, which are in config.yaml beside it"
              .formatted(
                  file,
                  key,
                  there ? Arrays.toString(saved.shape()) : "not",
                  Arrays.toString(into.shape())));
    }
    into.copy_(saved);
  }

  /** libtorch takes a dot for a submodule. */
  private static String key(String name) {
    return name.replace('.', '/');
  }
}
