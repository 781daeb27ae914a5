package io.popsight.trainer.run;

import io.popsight.geometry.Tiling;
import io.popsight.model.ModelFile;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.evaluate.BestScore;
import io.popsight.trainer.evaluate.ConfusionMatrix;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.evaluate.ScoreCalibration;
import io.popsight.trainer.network.FiringMargins;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.report.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The end of a run: the state that does best, its scores calibrated, its threshold chosen, measured
 * as a file, with card and report.
 *
 * @param learned how many photos of those to measure on are learned from, too
 */
record FinalModel(
    TrainConfig config,
    SpikingDetector network,
    DataSet validate,
    int learned,
    ModelExport export,
    ModelSelection selection,
    RunLog log) {

  /** Training photos on which is looked at how near to firing units are. */
  private static final int MARGIN_PHOTOS = 64;

  ExportedEvaluation make(BatchSource source) throws IOException {
    ModelSelection.Choice choice = selection.choose(source);
    log.endAnew();
    log.selection(choice);
    List<FiringMargins.Layer> margins = margins(source);
    if (!margins.isEmpty()) {
      log.margins(margins);
    }
    Path file = export.write(choice.trainingRates(), 0, 0, config.minScore());
    ExportedEvaluation evaluation = evaluate(file);
    double errorBefore = ScoreCalibration.error(evaluation.photos(), validate.labels());
    if (config.calibrate() && config.task() == Task.DETECTION) {
      ScoreCalibration fitted = ScoreCalibration.fit(evaluation.photos(), validate.labels());
      network.changeLogits(fitted.factors(), fitted.shifts());
      export.write(choice.trainingRates(), 0, 0, config.minScore());
      evaluation = evaluate(file);
    }
    double errorAfter = ScoreCalibration.error(evaluation.photos(), validate.labels());
    BestScore best = BestScore.of(evaluation.photos(), validate.labels());
    float minScore = config.minScore() > 0 ? config.minScore() : best.minScore();
    log.scores(errorBefore, errorAfter, best, minScore);
    export.write(
        choice.trainingRates(), evaluation.result().map50(), evaluation.result().map(), minScore);
    ModelFile model = ModelFile.read(file);
    String flattering =
        learned == 0
            ? ""
            : ", %d of which are learned from, too, so that the figures flatter".formatted(learned);
    Files.writeString(
        file.resolveSibling(config.name() + ".md"),
        new ModelCard(config, file, model, evaluation, flattering, log.epochs(), choice)
            .markdown());
    ConfusionMatrix confusion =
        ConfusionMatrix.of(evaluation.photos(), validate.labels(), minScore);
    new RunReport(
            model,
            ConfigFile.yaml(config),
            log.epochs(),
            margins,
            evaluation,
            flattering,
            confusion,
            new RunReport.Scores(errorBefore, errorAfter, best, choice.state()))
        .write(file.resolveSibling(""));
    return evaluation;
  }

  private List<FiringMargins.Layer> margins(BatchSource source) {
    FiringMargins margins = new FiringMargins(network);
    PhotoTensor.ofSome(source, config, MARGIN_PHOTOS, margins::add);
    return margins.layers();
  }

  private ExportedEvaluation evaluate(Path file) {
    return ExportedEvaluation.timed(validate, file, config.backend(), Tiling.NONE, photo -> {});
  }
}
