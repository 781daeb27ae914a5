package io.popsight.trainer.run;

import io.popsight.trainer.evaluate.EvaluationResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code popsight train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a detector from a configuration file and writes it as one ONNX file.",
      "The run folder holds config.yaml, metrics.jsonl, checkpoint.pt, NAME.onnx and its card NAME.md."
    })
public final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "the run's configuration")
  private Path config = Path.of("");

  @Parameters(index = "1..*", paramLabel = "key=value", description = "replaces a key of the file")
  private List<String> overrides = List.of();

  @Option(names = "--out", description = "run folder (default: runs/NAME)")
  private Path out = Path.of("");

  @Option(names = "--resume", description = "goes on from the run folder's checkpoint")
  private boolean resume;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    TrainConfig settings = TrainConfig.read(config, overrides);
    Path folder = out.toString().isEmpty() ? Path.of("runs", settings.name()) : out;
    String commit = System.getProperty("popsight.commit", "unknown");
    TrainingRun run = new TrainingRun(settings, folder, commit, err::println);
    err.printf(
        "%s: %,d trained values, run folder %s%n", settings.name(), run.parameters(), folder);
    err.flush();
    EvaluationResult result;
    try (Progress progress = new Progress(settings.name(), run.steps())) {
      result = run.run(resume, progress);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: mAP50 %.4f (11-point %.4f), mAP50-95 %.4f on %d photos%n",
            run.modelFile(), result.map50(), result.map5011pt(), result.map(), result.images());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
