package io.popsight.benchmarks;

import ai.onnxruntime.OrtException;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.command.CommandEnd;
import io.popsight.command.StandardOutput;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.Kernels;
import io.popsight.engine.conv.MachineLimit;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Times the popcount engine against ONNX Runtime fp32 and int8 in one run: medians, one core.",
      "popcount's time includes threshold and bit packing, ONNX Runtime's is Conv + Relu.",
      "limit: AND + popcount + add on registers alone, measured in the same run.",
      "A model's fp32 and int8 rows are its float twin: the same convolutions, ReLU, float weights."
    })
public final class BenchCommand implements Callable<Integer> {

  private static final List<LayerBench> LAYERS =
      List.of(
          new LayerBench(80, 80, 64, 64),
          new LayerBench(40, 40, 128, 128),
          new LayerBench(20, 20, 256, 256),
          new LayerBench(12, 12, 512, 512));

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--model", description = "model file (default: every file under models/)")
  private @Nullable Path model;

  @Option(
      names = "--baselines",
      paramLabel = "DIR",
      description =
          "folder of Darknet detectors, NAME.cfg with NAME.weights, to time through OpenCV")
  private @Nullable Path baselines;

  @Option(
      names = "--kernels",
      description =
          "times the kernels one by one with JMH instead, vectors, events and scalar: 13 minutes")
  private boolean kernelsAlone;

  @Parameters(
      paramLabel = "PARAMETER=VALUE,...",
      description =
          "with --kernels: times only these; parameters are kernels, layer, bits, spikeRate")
  private Map<String, String> chosen = Map.of();

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  /** Exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    CommandLine line =
        CommandEnd.of(
            new CommandLine(new CommandHolder()).addSubcommand(new BenchCommand()), _ -> false);
    line.setOut(new StandardOutput());
    System.exit(line.execute(args));
  }

  /** The launcher hands the subcommand's name over as the first argument. */
  @Command(name = "popsight")
  private static final class CommandHolder {}

  @Override
  public Integer call() throws IOException, OrtException {
    if (kernelsAlone) {
      return timeKernels();
    }
    List<ModelFile> timed = timedFiles();
    KernelFamily kernels = Kernels.choose("auto");
    Map<String, Object> document = new LinkedHashMap<>();
    double limit = MachineLimit.macsPerSecond();
    document.put("machine", machine(kernels, limit));
    List<Map<String, Object>> layers = new ArrayList<>();
    for (LayerBench layer : LAYERS) {
      layers.add(row(layer, layer.measure(kernels), limit));
    }
    document.put("layers", layers);
    List<Map<String, Object>> models = new ArrayList<>();
    for (ModelFile file : timed) {
      models.add(row(file));
    }
    document.put("models", models);
    List<Map<String, Object>> others = new ArrayList<>();
    for (Path config : baselineFiles()) {
      others.add(baseline(config));
    }
    document.put("baselines", others);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json
            ? new JsonMapper().writeValueAsString(document)
            : table(document, layers, models) + twoThreads(models) + baselines(others));
    out.flush();
    return 0;
  }

  private int timeKernels() {
    ChainedOptionsBuilder options =
        new OptionsBuilder().include(KernelBenchmark.class.getSimpleName());
    chosen.forEach((parameter, values) -> options.param(parameter, values.split(",", -1)));
    try {
      new Runner(options.build()).run();
      return 0;
    } catch (RunnerException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Path> baselineFiles() throws IOException {
    if (baselines == null) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(baselines)) {
      return files.filter(f -> f.toString().endsWith(".cfg")).sorted().toList();
    }
  }

  private static Map<String, Object> baseline(Path config) {
    try (DarknetTimer timer = new DarknetTimer(config)) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", String.valueOf(config.getFileName()).replaceFirst("\\.cfg$", ""));
      row.put("runtime", "opencv-dnn");
      row.put("ms", Medians.of(timer)[0]);
      return row;
    }
  }

  private List<ModelFile> timedFiles() throws IOException {
    List<ModelFile> timed = new ArrayList<>();
    for (Path path : files()) {
      ModelFile file = ModelFile.read(path);
      if (model != null || file.network() instanceof ModelFile.Network.Typed) {
        timed.add(file);
      } else {
        spec.commandLine().getErr().println(path + " is not timed: popcount does not run it");
      }
    }
    return timed;
  }

  /** The one asked for, by path or name, or all that are shipped. */
  private List<Path> files() throws IOException {
    Path models = Path.of(System.getProperty("popsight.home", "."), "models");
    if (model != null) {
      Path named = models.resolve(model + ".onnx");
      return List.of(Files.exists(model) || !Files.exists(named) ? model : named);
    }
    try (Stream<Path> files = Files.list(models)) {
      return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  private static Map<String, Object> machine(KernelFamily kernels, double limit) {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("java", System.getProperty("java.version"));
    machine.put("kernels", kernels.name());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("limit_gmacs", Math.round(limit / 1e9));
    return machine;
  }

  private static Map<String, Object> row(LayerBench layer, LayerBench.Times times, double limit) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("shape", List.of(layer.rows(), layer.columns(), layer.in(), layer.out()));
    row.put("kernel", 3);
    row.put("stride", 1);
    row.put("bits", 1);
    row.put("spike_rate", LayerBench.SPIKE_RATE);
    row.put("popcount_ms", times.popcount());
    row.put("events_spike_rate", LayerBench.EVENTS_SPIKE_RATE);
    row.put("events_ms", times.events());
    row.put("ort_fp32_ms", times.ortFloat());
    row.put("ort_int8_ms", times.ortInt8());
    row.put("limit_ms", layer.macs() / limit * 1e3);
    row.put("popcount_gmacs", layer.macs() / times.popcount() / 1e6);
    return row;
  }

  private static Map<String, Object> row(ModelFile file) throws OrtException {
    if (!(file.network() instanceof ModelFile.Network.Typed(ModelGraph graph))) {
      throw new IllegalArgumentException(
          file.metadata().name() + " is outside the popcount engine's subset");
    }
    long[] shape = {1, 3, file.metadata().inputHeight(), file.metadata().inputWidth()};
    try (CompiledModel popcount =
            Backends.installed().open("popcount", BackendSettings.DEFAULT).compile(file);
        OrtTimer fp32 = new OrtTimer(FloatTwin.network(graph, false), shape);
        OrtTimer int8 = new OrtTimer(FloatTwin.network(graph, true), shape)) {
      Scratch scratch = TwoThreads.scratch(popcount);
      double[] medians = Medians.of(() -> popcount.run(scratch, 1), fp32, int8);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", file.metadata().name());
      row.put("popcount_ms", medians[0]);
      row.put("ort_fp32_ms", medians[1]);
      row.put("ort_int8_ms", medians[2]);
      TwoThreads two = TwoThreads.of(file);
      row.put("popcount_1_thread_ms", two.oneMs());
      row.put("popcount_2_threads_ms", two.sharedMs());
      row.put("popcount_1_thread_per_second", two.onePerSecond());
      row.put("popcount_2_threads_per_second", two.twoPerSecond());
      return row;
    }
  }

  private static String twoThreads(List<Map<String, Object>> models) {
    StringBuilder table =
        new StringBuilder(
            "%n%-24s %12s %12s %10s %12s %12s %10s%n"
                .formatted(
                    "popcount, threads", "1: ms", "2: ms", "gain", "1: photos/s", "2", "gain"));
    for (Map<String, Object> row : models) {
      double one = number(row, "popcount_1_thread_ms");
      double two = number(row, "popcount_2_threads_ms");
      double single = number(row, "popcount_1_thread_per_second");
      double both = number(row, "popcount_2_threads_per_second");
      table.append(
          "%-24s %12.3f %12.3f %9.2fx %12.0f %12.0f %9.2fx%n"
              .formatted(row.get("name"), one, two, one / two, single, both, both / single));
    }
    return table.toString();
  }

  private static String baselines(List<Map<String, Object>> others) {
    StringBuilder table = new StringBuilder();
    for (Map<String, Object> row : others) {
      table.append(
          "%n%-24s %12.3f ms, %s, one thread"
              .formatted(row.get("name"), number(row, "ms"), row.get("runtime")));
    }
    return table.toString();
  }

  private static String table(
      Map<String, Object> document,
      List<Map<String, Object>> layers,
      List<Map<String, Object>> models) {
    StringBuilder table =
        new StringBuilder("machine " + document.get("machine") + System.lineSeparator());
    table.append(
        "%-24s %12s %12s %12s %10s %10s %10s %12s%n"
            .formatted(
                "",
                "popcount ms",
                "fp32 ms",
                "int8 ms",
                "vs fp32",
                "vs int8",
                "of limit",
                "by event ms"));
    for (Map<String, Object> row : layers) {
      table.append(line("3x3 " + row.get("shape"), row));
    }
    for (Map<String, Object> row : models) {
      table.append(line(String.valueOf(row.get("name")), row));
    }
    return table.toString();
  }

  private static String line(String name, Map<String, Object> row) {
    double popcount = number(row, "popcount_ms");
    double fp32 = number(row, "ort_fp32_ms");
    double int8 = number(row, "ort_int8_ms");
    String share =
        row.get("limit_ms") instanceof Double limit
            ? "%9.0f%%".formatted(100 * limit / popcount)
            : "";
    String events = row.get("events_ms") instanceof Double ms ? "%12.3f".formatted(ms) : "";
    return "%-24s %12.3f %12.3f %12.3f %9.1fx %9.1fx %10s %12s%n"
        .formatted(name, popcount, fp32, int8, fp32 / popcount, int8 / popcount, share, events);
  }

  private static double number(Map<String, Object> row, String key) {
    return row.get(key) instanceof Double value ? value : 0;
  }
}
