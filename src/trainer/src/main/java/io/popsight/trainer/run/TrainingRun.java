package io.popsight.trainer.run;

import io.popsight.model.ModelFile;
import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.evaluate.EvaluationResult;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.loss.CellGrid;
import io.popsight.trainer.loss.DetectionLoss;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.run.Checkpoint.Position;
import io.popsight.trainer.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final TrainConfig config;
  private final DataSet train;
  private final DataSet validate;
  private final SpikingDetector network;
  private final Adam optimizer;
  private final WeightAverage average;
  private final ModelExport export;
  private final Checkpoint checkpoint;
  private final RunLog log;

  /**
   * Prepares a run: reads the photos' list, makes the network.
   *
   * @param folder of the run; made when missing
   * @param commit of the trainer, for the provenance
   * @param problems told of everything skipped in the data
   */
  public TrainingRun(TrainConfig config, Path folder, String commit, Consumer<String> problems)
      throws IOException {
    this.config = config;
    this.train = config.data().readTrain(problems);
    this.validate = config.data().readValidate(train.labels(), problems);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.yaml"), config.toYaml());
    torch.set_num_threads(config.threads());
    torch.manual_seed(config.seed());
    this.network = new SpikingDetector(config.network(), train.labels().size());
    if (!config.from().isEmpty()) {
      List<String> fresh = new Checkpoint(Path.of(config.from())).loadFitting(network.parameters());
      fresh.forEach(name -> problems.accept("not in %s: %s".formatted(config.from(), name)));
    }
    this.optimizer =
        new Adam(
            network.parameters().trained(name -> true), new AdamOptions(config.learningRate()));
    this.average = new WeightAverage(network.parameters(), config.average());
    this.export =
        new ModelExport(config, network, train, commit, folder.resolve(config.name() + ".onnx"));
    this.checkpoint = new Checkpoint(folder.resolve("checkpoint.pt"));
    this.log = new RunLog(folder.resolve("metrics.jsonl"));
  }

  /** Trained values. */
  public long parameters() {
    return network.parameters().size();
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
   * @param resume goes on from the folder's checkpoint
   * @return the evaluation of the model file that was written; empty when the run was interrupted
   *     and its checkpoint saved
   */
  public Optional<EvaluationResult> run(
      boolean resume, Interruption interruption, Progress progress) throws IOException {
    Position first =
        resume && checkpoint.exists()
            ? checkpoint.load(network.parameters(), average, optimizer)
            : Position.START;
    try (BatchSource source = source()) {
      progress.resumed((long) first.epochs() * source.batchesPerEpoch() + first.steps());
      return learn(source, first, interruption, progress)
          ? Optional.of(finish(source, progress))
          : Optional.empty();
    }
  }

  private BatchSource source() {
    TrainConfig c = config;
    return new BatchSource(
        train, c.inputHeight(), c.inputWidth(), c.batch(), c.seed(), c.threads());
  }

  /** Whether it came to the end; otherwise the checkpoint holds the step that it came to. */
  private boolean learn(
      BatchSource source, Position first, Interruption interruption, Progress progress)
      throws IOException {
    int step = first.steps();
    for (int epoch = first.epochs(); epoch < config.epochs(); epoch++) {
      EpochMeans means = new EpochMeans();
      long start = System.nanoTime();
      int done = learn(source, epoch, step, means, interruption, progress);
      step = 0;
      requireFinite(epoch);
      if (done < source.batchesPerEpoch()) {
        checkpoint.save(network.parameters(), average, optimizer, new Position(epoch, done));
        return false;
      }
      checkpoint.save(network.parameters(), average, optimizer, new Position(epoch + 1, 0));
      boolean measure = config.evaluateEvery() > 0 && (epoch + 1) % config.evaluateEvery() == 0;
      if (measure && epoch + 1 < config.epochs()) {
        progress.evaluated(
            ExportedEvaluation.of(validate, export.write(Map.of(), 0, 0), config.backend()));
      }
      log.epoch(
          epoch + 1, means, System.nanoTime() - start, source.waitedNanos(), progress.lastMap50());
    }
    return true;
  }

  private void requireFinite(int epoch) {
    String broken = network.parameters().firstNotFinite();
    if (!broken.isEmpty()) {
      throw new IllegalStateException(
          "'%s' is not finite after epoch %d; the last good state is %s"
              .formatted(broken, epoch + 1, checkpoint.file()));
    }
  }

  /** Keeps the state that does best on training photos and measures it on validation photos. */
  private EvaluationResult finish(BatchSource source, Progress progress) throws IOException {
    ModelSelection.Choice choice =
        new ModelSelection(config, network, average, train, export).choose(source);
    log.selection(choice);
    Path file = export.write(choice.trainingRates(), 0, 0);
    ExportedEvaluation onValidation = ExportedEvaluation.of(validate, file, config.backend());
    EvaluationResult result = onValidation.result();
    export.write(choice.trainingRates(), result.map50(), result.map());
    Files.writeString(
        file.resolveSibling(config.name() + ".md"),
        new ModelCard(config, ModelFile.read(file), result, log.epochs(), choice).markdown());
    progress.evaluated(onValidation);
    return result;
  }

  /** Learns from the batches of an epoch, from one on; returns how many of it are done then. */
  private int learn(
      BatchSource source,
      int epoch,
      int from,
      EpochMeans means,
      Interruption interruption,
      Progress progress) {
    int batches = source.batchesPerEpoch();
    Schedule schedule = new Schedule(config.learningRate(), (long) config.epochs() * batches);
    DetectionLoss loss =
        new DetectionLoss(
            new CellGrid(config.inputHeight(), config.inputWidth(), 8, 16, 32),
            train.labels().size(),
            config.boxWeight());
    boolean whole = epoch >= config.mosaicUntil() * config.epochs();
    AugmentSettings settings = whole ? config.augment().withoutMosaic() : config.augment();
    int[] done = {from};
    source.epoch(
        epoch,
        settings,
        from,
        batches,
        batch -> {
          try (PointerScope _ = new PointerScope()) {
            long step = (long) epoch * batches + done[0]++;
            optimizer.param_groups().get(0).options().set_lr(schedule.at(step));
            step(loss, batch, means);
            average.update(step + 1);
          }
          progress.step(epoch, means);
          return !interruption.asked();
        });
    return done[0];
  }

  private void step(DetectionLoss loss, BatchSource.Batch batch, EpochMeans means) {
    optimizer.zero_grad();
    Tensor pixels =
        Tensors.ofBytes(
            batch.pixels(), batch.objects().size(), config.inputHeight(), config.inputWidth(), 3);
    SpikingDetector.Output output = network.forward(pixels, Statistics.OF_BATCH);
    DetectionLoss.Parts parts = loss.of(output.cells(), batch.objects());
    Tensor total = parts.total().add(Tensors.times(output.hoyer(), config.hoyer()));
    total.backward();
    TensorVector trained = network.parameters().trained(name -> true);
    torch.clip_grad_norm_(trained, LARGEST_GRADIENT);
    optimizer.step();
    network.clipLatentWeights();
    try (NoGradGuard _ = new NoGradGuard()) {
      double rate =
          output.spikes().values().stream()
              .mapToDouble(s -> (double) s.count_nonzero().item_long() / s.numel())
              .average()
              .orElse(0);
      means.add(
          total.item_float(),
          parts.scores().item_float(),
          parts.boxes().item_float(),
          output.hoyer().item_float(),
          rate);
    }
  }
}
