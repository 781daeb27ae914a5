package io.popsight.trainer.evaluate;

import io.popsight.geometry.Tiling;
import io.popsight.imaging.Disturbance;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
      names = "--tiles",
      defaultValue = "1",
      description =
          "looks besides the whole of each photo at overlapping parts, so many along its longer"
              + " side, 1 to 4; not with --disturb (1: the whole photo alone)")
  private int tiles = 1;

  @Option(
      names = "--out",
      description = "folder for evaluation.json, precision-recall.png and confusion.csv")
  private @Nullable Path out;

  @Option(
      names = "--disturb",
      split = ",",
      converter = DisturbanceName.class,
      description = "measures again with every photo spoilt: blur, noise, dark, jpeg")
  private List<Disturbance> disturbances = List.of();

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (minScore != null && !(minScore >= 0 && minScore <= 1)) {
      throw new IllegalArgumentException("--min-score must be in 0..1, got " + minScore);
    }
    Tiling tiling = new Tiling(tiles);
    if (!tiling.equals(Tiling.NONE) && !disturbances.isEmpty()) {
      throw new IllegalArgumentException("--tiles does not go with --disturb");
    }
    ModelMetadata metadata = ModelFile.read(model).metadata();
    if (metadata.classifies() && !tiling.equals(Tiling.NONE)) {
      throw new IllegalArgumentException(
          "--tiles: %s says what whole photos show".formatted(metadata.name()));
    }
    DataSet set = data.read(metadata.labels(), err::println);
    if (out != null) {
      Files.createDirectories(out);
    }
    ExportedEvaluation evaluation =
        ExportedEvaluation.timed(set, model, backend, tiling, progress(set.photos().size(), err));
    SequencedMap<Disturbance, ExportedEvaluation> disturbed = disturbed(set);
    ConfusionMatrix confusion =
        ConfusionMatrix.of(
            evaluation.photos(), set.labels(), minScore == null ? metadata.minScore() : minScore);
    String document = new EvaluationJson(evaluation, confusion, disturbed).text();
    stdout.println(json ? document : new EvaluationText(evaluation, confusion, disturbed).text());
    stdout.flush();
    if (out != null) {
      new EvaluationFolder(out).write(evaluation, confusion, document);
    }
    return 0;
  }

  private SequencedMap<Disturbance, ExportedEvaluation> disturbed(DataSet set) {
    SequencedMap<Disturbance, ExportedEvaluation> results = new LinkedHashMap<>();
    for (Disturbance disturbance : disturbances) {
      results.put(disturbance, ExportedEvaluation.disturbed(set, model, backend, disturbance));
    }
    return results;
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
}
