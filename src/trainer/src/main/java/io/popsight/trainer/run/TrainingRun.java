package io.popsight.trainer.run;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.loss.CellGrid;
import io.popsight.trainer.loss.ClassificationLoss;
import io.popsight.trainer.loss.DetectionLoss;
import io.popsight.trainer.loss.DistilledLoss;
import io.popsight.trainer.loss.Loss;
import io.popsight.trainer.loss.Teacher;
import io.popsight.trainer.network.Activation;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.Fresh;
import io.popsight.trainer.network.Relu;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.run.Checkpoint.Position;
import io.popsight.trainer.tensor.LibTorch;
import io.popsight.trainer.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** One training, from its configuration to the evaluated model file. */
public final class TrainingRun {

  private static final double LARGEST_GRADIENT = 10;

  /** The keys that a run was started with. */
  static final String CONFIG = "config.yaml";

  private static final String CHECKPOINT = "checkpoint.pt";
  private static final String LOG = "metrics.jsonl";

  private final TrainConfig config;
  private final Path folder;
  private final DataSet train;
  private final DataSet validate;
  private final int learned;
  private final SpikingDetector network;
  private final FrozenLayers frozen;
  private final Set<String> learning;
  private final Adam optimizer;
  private final boolean resume;
  private final WeightAverage average;
  private final ModelSoup soup;
  private final ModelExport export;
  private final Checkpoint checkpoint;
  private final RunLog log;
  private final LossGuard guard;
  private final Consumer<String> problems;

  /**
   * Prepares a run: reads the photos' list, makes the network. Nothing is written yet.
   *
   * @param folder of the run
   * @param commit of the trainer, for the provenance
   * @param resume goes on from the folder's checkpoint, whatever it started from once; otherwise
   *     its history starts anew
   * @param problems told of everything skipped in the data, of what starts afresh, and of a run
   *     that has nothing left to learn
   */
  public TrainingRun(
      TrainConfig config, Path folder, String commit, boolean resume, Consumer<String> problems)
      throws IOException {
    config.requireFiles(resume);
    this.config = config;
    this.folder = folder;
    this.resume = resume;
    this.train = config.data().readTrain(problems);
    this.validate = config.data().readValidate(train.labels(), problems);
    DataCheck.beforeTraining(config, train, validate, problems);
    this.learned = DataCheck.learned(train, validate);
    DataCheck.tellLearned(learned, validate, problems);
    LibTorch.load();
    torch.set_num_threads(config.threads());
    // Tried at each convolution of a single thread, and told on stderr where the processor is not
    // one of its own.
    torch.globalContext().setUserEnabledNNPACK(false);
    // On a card: the algorithms that are fastest for these sizes, and float32 that is none of ten
    // bits.
    torch.globalContext().setBenchmarkCuDNN(true);
    torch.globalContext().setAllowTF32CuDNN(false);
    torch.manual_seed(config.seed());
    this.frozen = FrozenLayers.of(config.freeze());
    this.network = new SpikingDetector(config.network(), config.task(), train.labels().size());
    if (!resume && !config.from().isEmpty()) {
      List<Fresh> fresh =
          new StartingWeights(config, network, train.labels()).takeOver(this::source);
      fresh.forEach(part -> problems.accept("%s: %s".formatted(config.from(), part.text())));
      frozen.requireTaken(config.from(), fresh.stream().map(Fresh::name).toList());
    }
    network.parameters().moveTo(config.device());
    this.learning = frozen.learning(network.parameters());
    this.optimizer =
        new Adam(
            network.parameters().trained(learning::contains),
            new AdamOptions(config.learningRate()));
    this.average = new WeightAverage(network.parameters(), config.average());
    this.soup = new ModelSoup(config.soup(), train.labels(), network.parameters());
    this.export =
        new ModelExport(config, network, train, commit, folder.resolve(config.name() + ".onnx"));
    this.checkpoint = new Checkpoint(folder.resolve(CHECKPOINT), train.labels());
    this.log = new RunLog(folder.resolve(LOG));
    this.guard = new LossGuard(network.parameters());
    this.problems = problems;
  }

  /** Whether a folder has something of a run that would be lost to another one. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(CHECKPOINT)) || Files.exists(folder.resolve(LOG));
  }

  /** How large its network is. */
  NetworkSize size() {
    return NetworkSize.of(network, config);
  }

  /** Steps of the whole run. */
  public long steps() {
    return (long) config.epochs() * Math.max(1, train.photos().size() / config.batch());
  }

  /** Where the model file is written. */
  public Path modelFile() {
    return export.file();
  }

  /**
   * Trains to the end, or until it is interrupted.
   *
   * @return the evaluation of the model file that was written; empty when the run was interrupted
   *     and its checkpoint saved
   * @throws IllegalArgumentException if there is no checkpoint to go on from, it does not fit, or
   *     more epochs are done than there shall be
   */
  public Optional<ExportedEvaluation> run(Interruption interruption, Progress progress)
      throws IOException {
    Position first =
        resume ? checkpoint.load(network.parameters(), average, optimizer) : Position.start();
    requireEpochs(first);
    try (BatchSource source = source();
        Loss loss = loss()) {
      if (first.steps() > 0 && first.steps() >= source.batchesPerEpoch()) {
        throw new IllegalArgumentException(
            "%s stands at step %d of an epoch, which has %d now: batch or photos have changed"
                .formatted(checkpoint.file(), first.steps(), source.batchesPerEpoch()));
      }
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(CONFIG), ConfigFile.yaml(config));
      if (resume) {
        log.goOn();
      } else {
        log.startAnew();
        checkpoint.delete();
      }
      if (first.epochs() == config.epochs()) {
        problems.accept(
            "epoch %d is the last and done: the model is exported anew; to learn on, give more epochs"
                .formatted(config.epochs()));
      }
      progress.begins((long) first.epochs() * source.batchesPerEpoch() + first.steps());
      if (!learn(source, loss, first, interruption, progress)) {
        return Optional.empty();
      }
      interruption.saved();
      return Optional.of(finish(source));
    }
  }

  /** What is learned cannot be taken back. */
  private void requireEpochs(Position done) {
    int least = done.epochs() + (done.steps() > 0 ? 1 : 0);
    if (config.epochs() < least) {
      throw new IllegalArgumentException(
          "epochs %d; %s stands %s epoch %d, so at least %d"
              .formatted(
                  config.epochs(),
                  CHECKPOINT,
                  done.steps() > 0 ? "within" : "at the end of",
                  least,
                  least));
    }
  }

  private BatchSource source() {
    TrainConfig c = config;
    return new BatchSource(
        train,
        c.inputHeight(),
        c.inputWidth(),
        c.batch(),
        c.seed(),
        c.loaders(),
        (long) c.cacheMegabytes() << 20);
  }

  /** Whether it came to the end; otherwise the checkpoint holds the step that it came to. */
  private boolean learn(
      BatchSource source, Loss loss, Position first, Interruption interruption, Progress progress)
      throws IOException {
    Position at = first;
    while (at.epochs() < config.epochs()) {
      int epoch = at.epochs();
      EpochMeans means = at.means();
      int done;
      try {
        done = learnEpoch(source, loss, at, interruption, progress);
      } catch (DivergedException e) {
        throw new IllegalStateException(diverged(epoch, e), e);
      }
      boolean whole = done == source.batchesPerEpoch();
      at = whole ? new Position(epoch + 1, 0, new EpochMeans()) : new Position(epoch, done, means);
      checkpoint.save(network.parameters(), average, optimizer, at);
      if (!whole) {
        return false;
      }
      OptionalDouble map50 = OptionalDouble.empty();
      if (measures(epoch + 1) && !interruption.asked()) {
        map50 =
            OptionalDouble.of(
                ExportedEvaluation.of(validate, export.write(), config.backend()).result().map50());
        progress.evaluated(map50.getAsDouble());
      }
      double rate = optimizer.param_groups().get(0).options().get_lr();
      log.epoch(epoch + 1, means, thresholds(), rate, map50);
      if (interruption.asked() && epoch + 1 < config.epochs()) {
        return false;
      }
    }
    return true;
  }

  /** Whether the file is measured after so many epochs; after the last one it is in any case. */
  private boolean measures(int epochs) {
    return config.evaluateEvery() > 0
        && epochs % config.evaluateEvery() == 0
        && epochs < config.epochs();
  }

  private String diverged(int epoch, DivergedException e) {
    String state =
        checkpoint.exists()
            ? "the last good state is %s".formatted(checkpoint.file())
            : "no epoch was whole, so there is no checkpoint";
    return "epoch %d: %s; %s. A lower learningRate than %s mostly helps"
        .formatted(epoch + 1, e.getMessage(), state, config.learningRate());
  }

  /** Mean over the channels of the potential from which they fire, a layer. */
  private Map<String, Double> thresholds() {
    Map<String, Double> thresholds = new LinkedHashMap<>();
    for (Block block : network.blocks()) {
      if (block instanceof Block.Firing firing) {
        thresholds.put(firing.name(), threshold(firing.activation()));
      }
    }
    return thresholds;
  }

  private static double threshold(Activation activation) {
    return switch (activation) {
      case Activation.Stepping stepping -> {
        try (PointerScope _ = new PointerScope()) {
          yield Arrays.stream(stepping.thresholds()).average().orElse(0);
        }
      }
      case Relu _ -> 0;
    };
  }

  private ExportedEvaluation finish(BatchSource source) throws IOException {
    ModelSelection selection = new ModelSelection(config, network, average, soup, train, export);
    return new FinalModel(config, network, validate, learned, export, selection, log).make(source);
  }

  /** Learns from the batches of an epoch, from one on; returns how many of it are done then. */
  private int learnEpoch(
      BatchSource source, Loss loss, Position from, Interruption interruption, Progress progress) {
    int epoch = from.epochs();
    EpochMeans means = from.means();
    int batches = source.batchesPerEpoch();
    Schedule schedule = new Schedule(config.learningRate(), (long) config.epochs() * batches);
    int[] done = {from.steps()};
    long start = System.nanoTime();
    long waitedBefore = source.waitedNanos();
    source.epoch(
        epoch,
        config.augment(epoch),
        from.steps(),
        batches,
        batch -> {
          try (PointerScope _ = new PointerScope()) {
            long step = (long) epoch * batches + done[0]++;
            optimizer.param_groups().get(0).options().set_lr(schedule.at(step));
            step(loss, batch, means);
            average.update(step + 1);
          }
          double elapsed = System.nanoTime() - start;
          progress.step(epoch, means, (source.waitedNanos() - waitedBefore) / elapsed);
          return !interruption.asked();
        });
    means.addTime(System.nanoTime() - start, source.waitedNanos() - waitedBefore);
    return done[0];
  }

  private Loss loss() {
    return switch (config.task()) {
      case DETECTION -> config.teacher().isEmpty() ? detectionLoss() : distilledLoss();
      case CLASSIFICATION -> new ClassificationLoss();
    };
  }

  private DetectionLoss detectionLoss() {
    return new DetectionLoss(
        new CellGrid(config.inputHeight(), config.inputWidth(), SpikingDetector.strides()),
        train.labels().size(),
        config.assigner(),
        config.boxOverlap(),
        config.boxWeight());
  }

  private Loss distilledLoss() {
    Teacher teacher =
        new Teacher(
            Path.of(config.teacher()),
            config.inputHeight(),
            config.inputWidth(),
            train.labels(),
            config.batch(),
            config.threads());
    return new DistilledLoss(detectionLoss(), teacher, config.teacherWeight());
  }

  private void step(Loss loss, BatchSource.Batch batch, EpochMeans means) {
    optimizer.zero_grad();
    SpikingDetector.Output output =
        network.forward(
            PhotoTensor.of(batch, config),
            Statistics.OF_BATCH.in(config.precision()).keeping(frozen::isFrozen));
    Loss.Parts parts = loss.of(output.cells(), batch);
    Tensor total = parts.total().add(Tensors.times(output.hoyer(), config.hoyer()));
    guard.check(total.item_float(), output);
    total.backward();
    TensorVector trained = network.parameters().trained(learning::contains);
    torch.clip_grad_norm_(trained, LARGEST_GRADIENT);
    optimizer.step();
    network.clipLatentWeights();
    try (NoGradGuard _ = new NoGradGuard()) {
      means.add(
          total.item_float(),
          parts.scores().item_float(),
          parts.boxes().item_float(),
          output.hoyer().item_float());
      output
          .rates()
          .forEach(
              (name, rate) ->
                  means.addLayer(
                      name,
                      rate.item_float(),
                      Objects.requireNonNull(output.hoyers().get(name)).item_float()));
    }
  }
}
