package io.popsight.service.command;

import io.popsight.backend.PlanStep;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.SpikeLayer;
import io.popsight.service.energy.EnergyAccounting;
import io.popsight.service.energy.EnergyReport;
import io.popsight.service.energy.EnergyTable;
import io.popsight.service.energy.LayerWork;
import io.popsight.service.energy.MeasuredTime;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/** {@code popsight inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Shows what is inside a model file: layers, weight bits, spike rates, operations, modelled"
            + " energy.")
public final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "model file, or name under models/")
  private String file = "";

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Option(
      names = "--energy",
      defaultValue = "45nm",
      description = "energy of single operations to count with: 45nm or 7nm (--json has both)")
  private String energy = EnergyTable.NM45.name();

  @Option(names = "--picture", description = "file for the energy accounting, NAME.svg")
  private @Nullable Path picture;

  @Override
  public Integer call() throws IOException {
    EnergyTable prices = EnergyTable.of(energy);
    if (picture != null && !picture.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new IllegalArgumentException(
          "--picture %s: the picture is SVG; expected a name that ends in .svg".formatted(picture));
    }
    ModelFile model = ModelFile.read(Home.modelFolder().find(file));
    Optional<EnergyReport> findings = findings(model);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(model, findings));
    } else {
      out.println(table(model, findings));
      findings
          .filter(f -> !f.measured().steps().isEmpty())
          .ifPresent(f -> out.print(plan(f.measured())));
      findings.ifPresent(f -> out.println(f.text(prices)));
    }
    out.flush();
    if (picture != null && findings.isPresent()) {
      String svg = findings.get().svg(model.metadata().name(), prices);
      new WholeFile(picture).write(svg.getBytes(StandardCharsets.UTF_8));
    }
    return 0;
  }

  /** Nothing of a graph that nobody knows, or that ONNX Runtime refuses, too. */
  private Optional<EnergyReport> findings(ModelFile model) {
    try {
      return Optional.of(new EnergyReport(new EnergyAccounting(model), MeasuredTime.of(model)));
    } catch (ModelRefusedException e) {
      spec.commandLine()
          .getErr()
          .printf("no operations, time and energy of a layer: %s%n", e.getMessage());
      return Optional.empty();
    }
  }

  private static Map<String, Object> json(SpikeLayer layer, Optional<EnergyReport> findings) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", layer.name());
    one.put("shape", new int[] {layer.channels(), layer.rows(), layer.columns()});
    Optional<LayerWork> work = findings.flatMap(f -> f.accounting().behind(layer.name()));
    work.ifPresent(w -> one.put("weight_bits", w.bits()));
    findings.ifPresent(
        f ->
            one.put(
                "kernel",
                step(f, layer).map(timed -> timed.step().work()).orElse(f.measured().backend())));
    one.put("spike_rate", layer.trainingRate());
    one.put("macs", layer.macs());
    work.ifPresent(w -> one.put("accumulates", Math.round(w.accumulates())));
    findings.ifPresent(
        f ->
            one.put(
                "ms",
                step(f, layer)
                    .map(timed -> (Object) timed.milliseconds())
                    .orElse(NullNode.instance)));
    return one;
  }

  private static Optional<MeasuredTime.TimedStep> step(EnergyReport findings, SpikeLayer layer) {
    return findings.measured().steps().stream()
        .filter(timed -> timed.step().layers().contains(layer.name()))
        .findFirst();
  }

  private static Map<String, Object> json(MeasuredTime.TimedStep timed) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", timed.step().name());
    one.put("work", timed.step().work());
    one.put("bytes", timed.step().bytes());
    one.put("ms", timed.milliseconds());
    return one;
  }

  private static String json(ModelFile model, Optional<EnergyReport> findings) {
    List<Map<String, Object>> layers =
        model.metadata().spikeLayers().stream().map(layer -> json(layer, findings)).toList();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.metadata().name());
    document.put("version", model.metadata().version());
    document.put("sha256", model.sha256());
    document.put("layers", layers);
    findings.ifPresent(
        f ->
            document.put(
                "steps", f.measured().steps().stream().map(InspectCommand::json).toList()));
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("macs", macs(model, findings));
    findings.ifPresent(
        f -> {
          totals.put("accumulates", Math.round(f.accounting().accumulates()));
          totals.put("ms", f.measured().milliseconds());
        });
    document.put("totals", totals);
    findings.ifPresent(f -> document.put("energy", f.json()));
    return new JsonMapper().writeValueAsString(document);
  }

  private static String table(ModelFile model, Optional<EnergyReport> findings) {
    ModelMetadata m = model.metadata();
    StringBuilder table =
        new StringBuilder(
            "%s %s, %dx%d, %s, %d bytes%n"
                .formatted(
                    m.name(),
                    m.version(),
                    m.inputWidth(),
                    m.inputHeight(),
                    m.labels(),
                    model.bytes().length));
    table.append(
        "trained on %s, %d epochs, seed %d: mAP50 %.4f on %s%n"
            .formatted(
                m.training().dataSet(),
                m.training().epochs(),
                m.training().seed(),
                m.training().map50(),
                m.training().split()));
    table.append(
        "%-18s %14s %5s %8s %14s %14s%n"
            .formatted("layer", "shape", "bits", "spikes", "MACs", "accumulates"));
    for (SpikeLayer layer : m.spikeLayers()) {
      String shape = "%dx%dx%d".formatted(layer.channels(), layer.rows(), layer.columns());
      Optional<LayerWork> work = findings.flatMap(f -> f.accounting().behind(layer.name()));
      table.append(
          "%-18s %14s %5s %7.1f%% %,14d %14s%n"
              .formatted(
                  layer.name(),
                  shape,
                  work.map(w -> w.floats() ? "float" : String.valueOf(w.bits())).orElse("?"),
                  100 * layer.trainingRate(),
                  layer.macs(),
                  work.map(w -> "%,d".formatted(Math.round(w.accumulates()))).orElse("?")));
    }
    if (model.network() instanceof ModelFile.Network.Foreign(String reason)) {
      table.append("popcount refuses it: %s%n".formatted(reason));
    }
    return table
        .append("%,d multiply-accumulates a photo".formatted(macs(model, findings)))
        .toString();
  }

  /** With the heads', which make no layer; where the graph is not known, of the layers alone. */
  private static long macs(ModelFile model, Optional<EnergyReport> findings) {
    return findings.map(f -> f.accounting().macs()).orElse(model.metadata().macs());
  }

  /** What the popcount engine does, step by step. */
  private static String plan(MeasuredTime measured) {
    double all = measured.steps().stream().mapToDouble(MeasuredTime.TimedStep::milliseconds).sum();
    int names = width("step", measured, PlanStep::name);
    int works = width("", measured, PlanStep::work);
    StringBuilder plan = new StringBuilder();
    plan.append(
        ("%nThe popcount engine's plan, medians on one core, random pixels:%n%-"
                + names
                + "s %-"
                + works
                + "s %8s %8s%n")
            .formatted("step", "", "KB", "ms"));
    for (MeasuredTime.TimedStep timed : measured.steps()) {
      plan.append(
          ("%-" + names + "s %-" + works + "s %8.1f %8.4f %3.0f %%%n")
              .formatted(
                  timed.step().name(),
                  timed.step().work(),
                  timed.step().bytes() / 1024.0,
                  timed.milliseconds(),
                  100 * timed.milliseconds() / all));
    }
    return plan.toString();
  }

  private static int width(String head, MeasuredTime measured, Function<PlanStep, String> text) {
    return measured.steps().stream()
        .mapToInt(timed -> text.apply(timed.step()).length())
        .reduce(Math.max(1, head.length()), Math::max);
  }
}
