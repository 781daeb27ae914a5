package io.popsight.trainer.run;

import io.popsight.model.ModelFile;
import io.popsight.model.SpikeLayer;
import io.popsight.trainer.evaluate.EvaluationResult;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What a person should know of a model before using it, as Markdown: figures of the exported file
 * with the commands that give them, the training and its loss.
 *
 * @param config of the run; its {@code about} is the card's introduction
 * @param path of the exported model, in the run's folder
 * @param file what it holds
 * @param evaluation on the validation photos
 * @param flattering how many of those were learned from, too, as it is told behind their number;
 *     empty where none was
 * @param epochs lines of the run's log, an epoch each
 * @param exported which state of the weights was exported
 */
record ModelCard(
    TrainConfig config,
    Path path,
    ModelFile file,
    ExportedEvaluation evaluation,
    String flattering,
    List<JsonNode> epochs,
    ModelSelection.Choice exported) {

  private static final int BAR = 58;
  private static final int ROWS = 20;

  String markdown() {
    return """
    # %s, version %s
    %s
    %s
    %s
    %s"""
        .formatted(
            config.name(),
            config.version(),
            config.about().isBlank() ? "" : "\n" + config.about().strip() + "\n",
            figures(),
            spikeRates(),
            training())
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private String figures() {
    TrainConfig.Data data = config.data();
    EvaluationResult result = evaluation.result();
    return """
    ## Figures
    Of the exported file on the %d photos of `%s`%s, through the %s backend:

        ./popsight eval --model %s --data %s --format %s --split %s --backend %s

    %smAP50 **%.4f** (11-point %.4f), mAP50-95 %.4f.

    | class | AP50 | AP50-95 | objects |
    |---|---|---|---|
    %s
    """
        .formatted(
            result.images(),
            data.validate(),
            flattering,
            config.backend(),
            new ShellWord(path),
            new ShellWord(data.dir()),
            data.format(),
            new ShellWord(data.validate()),
            config.backend(),
            accuracy(),
            result.map50(),
            result.map5011pt(),
            result.map(),
            classes());
  }

  private String spikeRates() {
    List<SpikeLayer> layers = file.metadata().spikeLayers();
    return """
    Spike rates over training photos (`./popsight inspect %s`): mean over layers %.1f %%, highest layer %.1f %%.

    | layer | shape | spikes | multiply-accumulates |
    |---|---|---|---|
    %s
    """
        .formatted(
            new ShellWord(path),
            100 * layers.stream().mapToDouble(SpikeLayer::trainingRate).average().orElse(0),
            100 * layers.stream().mapToDouble(SpikeLayer::trainingRate).max().orElse(0),
            rows(layers));
  }

  private String training() {
    return """
    ## Training
    With every key as in [config.yaml](config.yaml):

        ./popsight train %s --out runs/again

    %d epochs of batch %d at %dx%d, seed %d, trainer of commit %s%s. Exported: %s; mAP50 on training photos: %s.
    Loss an epoch:

    ```
    epoch  loss
    %s
    ```
    """
        .formatted(
            new ShellWord(path.resolveSibling("config.yaml")),
            config.epochs(),
            config.batch(),
            config.inputWidth(),
            config.inputHeight(),
            config.seed(),
            file.metadata().training().commit(),
            time(),
            exported.state(),
            candidates(),
            curve());
  }

  private String accuracy() {
    return evaluation.accuracy().isPresent()
        ? "accuracy **%.4f**, ".formatted(evaluation.accuracy().getAsDouble())
        : "";
  }

  private String classes() {
    return evaluation.result().perClass().stream()
        .map(
            c ->
                "| %s | %s | %s | %d |"
                    .formatted(
                        c.label(),
                        EvaluationResult.figure(c.ap50(), 3),
                        EvaluationResult.figure(c.ap(), 3),
                        c.groundTruths()))
        .collect(Collectors.joining("\n"));
  }

  private static String rows(List<SpikeLayer> layers) {
    return layers.stream()
        .map(
            l ->
                "| %s | %dx%dx%d | %.1f %% | %,d |"
                    .formatted(
                        l.name(),
                        l.channels(),
                        l.rows(),
                        l.columns(),
                        100 * l.trainingRate(),
                        l.macs()))
        .collect(Collectors.joining("\n"));
  }

  private String time() {
    double seconds = epochs.stream().mapToDouble(e -> e.path("seconds").asDouble(0)).sum();
    return seconds == 0 ? "" : ", %.0f minutes".formatted(seconds / 60);
  }

  private String candidates() {
    return exported.map50().entrySet().stream()
        .map((Map.Entry<String, Double> e) -> "%s %.4f".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining("; "));
  }

  private String curve() {
    double highest = epochs.stream().mapToDouble(ModelCard::loss).max().orElse(1);
    double lowest = epochs.stream().mapToDouble(ModelCard::loss).min().orElse(0);
    int step = Math.max(1, epochs.size() / ROWS);
    return epochs.stream()
        .filter(e -> (e.path("epoch").asInt() - 1) % step == 0)
        .map(
            e ->
                "%5d  %.3f  %s"
                    .formatted(
                        e.path("epoch").asInt(),
                        loss(e),
                        "#"
                            .repeat(
                                (int)
                                    (1
                                        + BAR
                                            * (loss(e) - lowest)
                                            / Math.max(1e-9, highest - lowest)))))
        .collect(Collectors.joining("\n"));
  }

  private static double loss(JsonNode epoch) {
    return epoch.path("loss").asDouble();
  }
}
