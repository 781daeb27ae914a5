package io.popsight.trainer.run;

import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.tensor.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A run's state after an epoch. Random numbers need none: they follow from seed, epoch and
 * position.
 *
 * @param file where it is kept
 */
record Checkpoint(Path file) {

  private static final String EPOCH = "epoch";
  private static final String STEP = "step";
  private static final String AVERAGE = "average/";
  private static final String OPTIMIZER = "optimizer";

  /**
   * How far a run has come.
   *
   * @param epochs done
   * @param steps done of the epoch after them
   */
  record Position(int epochs, int steps) {

    static final Position START = new Position(0, 0);
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
      OutputArchive moments = new OutputArchive();
      optimizer.save(moments);
      archive.write(OPTIMIZER, moments);
      write(archive, fresh);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(OutputArchive archive, Path fresh) throws IOException {
    try {
      archive.save_to(fresh.toString());
    } catch (RuntimeException e) {
      throw new IOException(
          "%s cannot be written, the one before stands. Free there: %d MB. %s"
              .formatted(
                  file,
                  Files.getFileStore(file.toAbsolutePath().resolveSibling("")).getUsableSpace()
                      >> 20,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /** Reads into the parameters, their average and the optimizer. */
  Position load(Parameters parameters, WeightAverage average, Adam optimizer) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InputArchive archive = new InputArchive();
      Tensor any = parameters.trained().firstEntry().getValue();
      archive.load_from(file.toString(), new DeviceOptional(any.device()));
      parameters.all().forEach((name, tensor) -> read(archive, key(name), tensor));
      average.tensors().forEach((name, tensor) -> read(archive, AVERAGE + key(name), tensor));
      InputArchive moments = new InputArchive();
      archive.read(OPTIMIZER, moments);
      optimizer.load(moments);
      Tensor epochs = new Tensor();
      archive.read(EPOCH, epochs);
      Tensor steps = new Tensor();
      boolean within = archive.try_read(STEP, steps);
      return new Position(epochs.item_int(), within ? steps.item_int() : 0);
    }
  }

  /**
   * Takes over what fits into a network of the same or another head; averaged weights where there
   * are any. Latent weights of another width are scaled to the deviation of fresh ones, so that
   * they learn as fast.
   *
   * @return names of the trained tensors that stay as they are
   */
  List<String> loadFitting(Parameters parameters) {
    List<String> left = new ArrayList<>();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InputArchive archive = new InputArchive();
      archive.load_from(file.toString(), new DeviceOptional(torch.ones(1).device()));
      parameters
          .all()
          .forEach(
              (name, tensor) -> {
                if (!copied(archive, name, tensor)
                    && !scaled(archive, name, tensor)
                    && parameters.trained().containsKey(name)) {
                  left.add(name);
                }
              });
    }
    return left;
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

  private static void read(InputArchive archive, String key, Tensor into) {
    Tensor saved = new Tensor();
    archive.read(key, saved);
    into.copy_(saved);
  }

  /** libtorch takes a dot for a submodule. */
  private static String key(String name) {
    return name.replace('.', '/');
  }
}
