package io.popsight.trainer.evaluate;

import io.popsight.imaging.Disturbance;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code popsight eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measures a model file on labelled photos: VOC average precision of both kinds (2007's with"
          + " 11 points, and all-point),",
      "the COCO challenge's figures, confusion, spike rates and time a photo; accuracy where whole"
          + " photos are classified."
    })
public final class EvalCommand implements Callable<Integer> {

  private static final int PROGRESS_EVERY = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--model", required = true, description = "model file")
  private Path model = Path.of("");

  @Mixin private DataSetChoice data = new DataSetChoice();

  @Option(names = "--backend", defaultValue = "popcount", description = "popcount or onnx")
  private String backend = ExportedEvaluation.DEFAULT_BACKEND;

  @Option(
      names = "--min-score",
      description = "lowest score counted in the confusion matrix (default: the model's own)")
  private @Nullable Double minScore;

  @Option(
      names = "--out",
      description = "folder for evaluation.json, precision-recall.png and confusion.csv")
  private @Nullable Path out;

  @Option(
      names = "--disturb",
      split = ",",
      description = "measures again with every photo spoilt: blur, noise, dark, jpeg")
  private List<Disturbance> disturbances = List.of();

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ModelMetadata metadata = ModelFile.read(model).metadata();
    DataSet set = data.read(metadata.labels(), err::println);
    ExportedEvaluation evaluation =
        ExportedEvaluation.timed(set, model, backend, progress(set.photos().size(), err));
    SequencedMap<Disturbance, ExportedEvaluation> disturbed = disturbed(set);
    ConfusionMatrix confusion =
        ConfusionMatrix.of(
            evaluation.photos(), set.labels(), minScore == null ? metadata.minScore() : minScore);
    String document = new EvaluationJson(evaluation, confusion, disturbed).text();
    if (out != null) {
      new EvaluationFolder(out).write(evaluation, confusion, document);
    }
    stdout.println(json ? document : table(evaluation, confusion) + table(disturbed));
    stdout.flush();
    return 0;
  }

  private SequencedMap<Disturbance, ExportedEvaluation> disturbed(DataSet set) {
    SequencedMap<Disturbance, ExportedEvaluation> results = new LinkedHashMap<>();
    for (Disturbance disturbance : disturbances) {
      if (!disturbance.keepsBoxes()) {
        throw new IllegalArgumentException(
            "--disturb %s moves what the boxes are around".formatted(disturbance));
      }
      results.put(disturbance, ExportedEvaluation.disturbed(set, model, backend, disturbance));
    }
    return results;
  }

  private static String table(SequencedMap<Disturbance, ExportedEvaluation> disturbed) {
    StringBuilder table = new StringBuilder();
    disturbed.forEach(
        (disturbance, spoilt) ->
            table.append(
                "%n%-20s %smAP50 %.4f, mAP50-95 %.4f"
                    .formatted(
                        disturbance.name().toLowerCase(Locale.ROOT),
                        spoilt.accuracyText(),
                        spoilt.result().map50(),
                        spoilt.result().map())));
    return table.toString();
  }

  private static Consumer<LabeledPhoto> progress(int photos, PrintWriter err) {
    AtomicInteger done = new AtomicInteger();
    return photo -> {
      int n = done.incrementAndGet();
      if (n % PROGRESS_EVERY == 0 || n == photos) {
        err.printf("%d of %d photos%n", n, photos);
        err.flush();
      }
    };
  }

  private static String table(ExportedEvaluation evaluation, ConfusionMatrix confusion) {
    EvaluationResult result = evaluation.result();
    StringBuilder table =
        new StringBuilder("%-20s %8s %8s %8s%n".formatted("class", "AP50", "AP", "objects"));
    for (EvaluationResult.ClassResult c : result.perClass()) {
      table.append(
          "%-20s %8.3f %8.3f %8d%n".formatted(c.label(), c.ap50(), c.ap(), c.groundTruths()));
    }
    table.append(
        "%d photos: %smAP50 %.4f (11-point %.4f), mAP50-95 %.4f%n"
            .formatted(
                result.images(),
                evaluation.accuracyText(),
                result.map50(),
                result.map5011pt(),
                result.map()));
    CocoResult coco = result.coco();
    table.append(
        "COCO: AP %.4f, AP50 %.4f, AP75 %.4f; small %s, medium %s, large %s; AR100 %.4f%n"
            .formatted(
                coco.map(),
                coco.map50(),
                coco.map75(),
                known(coco.small()),
                known(coco.medium()),
                known(coco.large()),
                coco.recall100()));
    table.append(confusion(confusion));
    Speed speed = evaluation.speed();
    return table
        .append(
            "spikes %.1f %%; decode %.2f ms, network %.2f ms, boxes %.2f ms a photo, medians on one thread"
                .formatted(
                    100
                        * evaluation.spikeRates().values().stream()
                            .mapToDouble(rate -> rate)
                            .average()
                            .orElse(0),
                    speed.decodeMs(),
                    speed.inferMs(),
                    speed.postprocessMs()))
        .toString();
  }

  private static String confusion(ConfusionMatrix matrix) {
    StringBuilder table =
        new StringBuilder(
            "%nfrom score %.2f on, true class by class found%n%-20s"
                .formatted(matrix.minScore(), ""));
    matrix.labels().forEach(label -> table.append(" %8.8s".formatted(label)));
    table.append(" %8s%n".formatted("missed"));
    for (int row = 0; row <= matrix.labels().size(); row++) {
      table.append(
          "%-20s".formatted(row < matrix.labels().size() ? matrix.labels().get(row) : "nothing"));
      for (int count : matrix.counts()[row]) {
        table.append(" %8d".formatted(count));
      }
      table.append(System.lineSeparator());
    }
    return table.append(System.lineSeparator()).toString();
  }

  private static String known(double value) {
    return Double.isNaN(value) ? "-" : "%.4f".formatted(value);
  }
}
