package io.popsight.trainer.evaluate;

import io.popsight.model.ModelFile;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = "Measures a model file on labelled photos: VOC average precision, both kinds.")
public final class EvalCommand implements Callable<Integer> {

  private static final int PROGRESS_EVERY = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--model", required = true, description = "model file")
  private Path model = Path.of("");

  @Option(names = "--data", required = true, description = "folder of the data set")
  private Path data = Path.of("");

  @Option(names = "--format", defaultValue = "voc", description = "voc, yolo or coco")
  private String format = "voc";

  @Option(names = "--split", defaultValue = "val", description = "name of the split")
  private String split = "val";

  @Option(names = "--backend", defaultValue = "popcount", description = "popcount or onnx")
  private String backend = ExportedEvaluation.DEFAULT_BACKEND;

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<String> labels = ModelFile.read(model).metadata().labels();
    DataSet set = DataSet.read(format, data, split, labels, err::println);
    EvaluationResult result =
        ExportedEvaluation.of(set, model, backend, progress(set.photos().size(), err)).result();
    out.println(json ? json(result) : table(result));
    out.flush();
    return 0;
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

  private static String json(EvaluationResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("images", result.images());
    document.put("map50", result.map50());
    document.put("map50_11pt", result.map5011pt());
    document.put("map", result.map());
    List<Map<String, Object>> classes = new ArrayList<>();
    for (EvaluationResult.ClassResult c : result.perClass()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("label", c.label());
      entry.put("ap50", c.ap50());
      entry.put("ap", c.ap());
      entry.put("ground_truths", c.groundTruths());
      classes.add(entry);
    }
    document.put("per_class", classes);
    return new JsonMapper().writeValueAsString(document);
  }

  private static String table(EvaluationResult result) {
    StringBuilder table =
        new StringBuilder("%-20s %8s %8s %8s%n".formatted("class", "AP50", "AP", "objects"));
    for (EvaluationResult.ClassResult c : result.perClass()) {
      table.append(
          "%-20s %8.3f %8.3f %8d%n".formatted(c.label(), c.ap50(), c.ap(), c.groundTruths()));
    }
    return table
        .append(
            "%d photos: mAP50 %.4f (11-point %.4f), mAP50-95 %.4f"
                .formatted(result.images(), result.map50(), result.map5011pt(), result.map()))
        .toString();
  }
}
