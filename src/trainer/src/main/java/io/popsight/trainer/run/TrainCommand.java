package io.popsight.trainer.run;

import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.ObjectCrops;
import io.popsight.trainer.data.PictureFolder;
import io.popsight.trainer.evaluate.EvaluationResult;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.tensor.LibTorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "The run folder holds NAME.onnx and its card NAME.md, report.html with its plots,"
          + " config.yaml, metrics.jsonl and checkpoint.pt.",
      "CONFIG.yaml needs the one key data.dir; every key, its default and meaning is listed below."
    })
public final class TrainCommand implements Callable<Integer> {

  /** What shells report of a process that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "the run's configuration")
  private Path config = Path.of("");

  @Parameters(index = "1..*", paramLabel = "key=value", description = "replaces a key of the file")
  private List<String> overrides = List.of();

  @Option(names = "--out", description = "run folder (default: runs/NAME)")
  private Path out = Path.of("");

  @Option(
      names = "--check",
      description = "reads the photos and labels, tells every problem and what is there, and ends")
  private boolean check;

  @Option(
      names = "--preview",
      paramLabel = "N",
      description =
          "writes N varied samples with their boxes as pictures into preview/ of the run folder, in"
              + " place of those before, and ends")
  private @Nullable Integer preview;

  @Option(
      names = "--crops",
      description =
          "writes what is in the boxes as photos, in the folder crops/SPLIT/CLASS of the run folder,"
              + " in place of those before, and ends: what a backbone may be trained on by"
              + " classification before it detects")
  private boolean crops;

  @Option(
      names = "--presets",
      description = "tells how large each preset is with this input and these classes, and ends")
  private boolean presets;

  @Option(
      names = "--resume",
      description =
          "goes on from the run folder's checkpoint; where all epochs are done, exports anew")
  private boolean resume;

  @Option(
      names = "--replace",
      description = "starts anew where the run folder holds a run, which is lost then")
  private boolean replace;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (preview != null && preview < 1) {
      throw new IllegalArgumentException("--preview must be at least 1, got " + preview);
    }
    TrainConfig settings = ConfigFile.read(config, overrides);
    Problems problems = new Problems(err);
    if (check) {
      PrintWriter report = spec.commandLine().getOut();
      return new DataCheck(settings, problems).tell(report) ? 0 : 1;
    }
    Path folder = out.toString().isEmpty() ? Path.of("runs", settings.name()) : out;
    if (presets) {
      return presets(settings.data(), problems);
    }
    if (preview != null) {
      return preview(settings, preview, folder, problems);
    }
    if (crops) {
      return crops(settings.data(), folder, problems);
    }
    if (TrainingRun.isIn(folder) && !resume && !replace) {
      throw new IllegalArgumentException(
          "%s holds a run. --resume goes on with it, --out names another folder, --replace starts anew in this one"
              .formatted(folder));
    }
    String commit = System.getProperty("popsight.commit", "unknown");
    TrainingRun run = new TrainingRun(settings, folder, commit, resume, problems);
    err.printf("%s: %s, run folder %s%n", settings.name(), run.size().text(), folder);
    Path started = folder.resolve(TrainingRun.CONFIG);
    if (resume && Files.exists(started)) {
      ConfigFile.changes(started, settings)
          .forEach(change -> err.println("it goes on with another " + change));
    }
    err.flush();
    String howToGoOn = "Go on with the same command and --resume --out " + new ShellWord(folder);
    Optional<ExportedEvaluation> end;
    try (Interruption interruption = new Interruption(howToGoOn);
        Progress progress = new Progress(settings.name(), run.steps())) {
      end = run.run(interruption, progress);
    }
    return end.isPresent() ? tell(run, end.get()) : INTERRUPTED;
  }

  private int tell(TrainingRun run, ExportedEvaluation measured) {
    EvaluationResult result = measured.result();
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %smAP50 %.4f (11-point %.4f), mAP50-95 %.4f on %d photos%n",
            run.modelFile(),
            measured.accuracyText(),
            result.map50(),
            result.map5011pt(),
            result.map(),
            result.images());
    spec.commandLine().getOut().flush();
    return 0;
  }

  private int presets(TrainConfig.Data data, Problems problems) throws IOException {
    LibTorch.load();
    int classes = data.readTrain(problems).labels().size();
    PrintWriter out = spec.commandLine().getOut();
    for (String preset : ConfigFile.presets()) {
      List<String> keys = new ArrayList<>(overrides);
      keys.add("preset=" + preset);
      TrainConfig sized = ConfigFile.read(config, keys);
      SpikingDetector network = new SpikingDetector(sized.network(), sized.task(), classes);
      out.printf("%-4s  %s%n", preset, NetworkSize.of(network, sized).text());
    }
    out.flush();
    return 0;
  }

  /** Pictures of what the network would see in the first epoch, with its boxes. */
  private int preview(TrainConfig settings, int samples, Path folder, Problems problems)
      throws IOException {
    DataSet train = settings.data().readTrain(problems);
    PictureFolder into = new PictureFolder(folder.resolve("preview"));
    SamplePreview.write(train, settings, samples, into);
    return tell("samples", into, problems);
  }

  private int crops(TrainConfig.Data data, Path folder, Problems problems) throws IOException {
    Map<String, DataSet> splits = new LinkedHashMap<>();
    DataSet train = data.readTrain(problems);
    splits.put(data.train(), train);
    splits.put(data.validate(), data.readValidate(train.labels(), problems));
    PictureFolder into = new PictureFolder(folder.resolve("crops"));
    ObjectCrops.write(splits, into);
    return tell("crops", into, problems);
  }

  private int tell(String what, PictureFolder into, Problems problems) throws IOException {
    spec.commandLine().getOut().printf("%d %s in %s%n", into.pictures(), what, into.path());
    spec.commandLine().getOut().flush();
    List<Path> others = into.others();
    if (!others.isEmpty()) {
      problems.accept(
          "%d files there are none of them and stay, such as %s"
              .formatted(others.size(), others.getFirst()));
    }
    return 0;
  }
}
