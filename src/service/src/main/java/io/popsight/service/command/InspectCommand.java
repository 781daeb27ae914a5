package io.popsight.service.command;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.SpikeLayer;
import io.popsight.service.energy.EnergyAccounting;
import io.popsight.service.energy.EnergyReport;
import io.popsight.service.energy.EnergyTable;
import io.popsight.service.energy.MeasuredTime;
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
import tools.jackson.databind.json.JsonMapper;

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

  @Option(names = "--picture", description = "file for the energy accounting as SVG")
  private @Nullable Path picture;

  /**
   * A spiking layer as it is shown.
   *
   * @param convolution that its spikes come from; empty in a file of unknown nodes
   */
  private record Row(SpikeLayer layer, Optional<Node.Convolution> convolution) {

    int weightBits() {
      return convolution.map(c -> c.weights().bits()).orElse(0);
    }
  }

  @Override
  public Integer call() throws IOException {
    EnergyTable prices = EnergyTable.of(energy);
    ModelFile model = ModelFile.read(Home.modelFolder().find(file));
    List<Row> rows = rows(model);
    Optional<EnergyReport> report =
        model.network() instanceof ModelFile.Network.Typed
            ? Optional.of(new EnergyReport(new EnergyAccounting(model), MeasuredTime.of(model)))
            : Optional.empty();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(model, rows, report));
    } else {
      out.println(table(model, rows));
      report.ifPresent(r -> out.print(plan(r.measured())));
      report.ifPresent(r -> out.println(r.text(prices)));
    }
    out.flush();
    if (picture != null && report.isPresent()) {
      Files.writeString(picture, report.get().svg(model.metadata().name(), prices));
    }
    return 0;
  }

  private static List<Row> rows(ModelFile model) {
    List<Row> rows = new ArrayList<>();
    for (SpikeLayer layer : model.metadata().spikeLayers()) {
      rows.add(
          new Row(
              layer,
              model.network() instanceof ModelFile.Network.Typed(ModelGraph graph)
                  ? convolution(graph, layer.name())
                  : Optional.empty()));
    }
    return rows;
  }

  private static Optional<Node.Convolution> convolution(ModelGraph graph, String name) {
    return switch (graph.node(name)) {
      case Node.Pixels _ -> Optional.empty();
      case Node.Convolution convolution -> Optional.of(convolution);
      case Node.Spikes spikes -> convolution(graph, spikes.input());
      case Node.Stream stream -> convolution(graph, stream.input());
      case Node.Membrane membrane -> convolution(graph, membrane.input());
      case Node.MaxPool pool -> convolution(graph, pool.input());
      case Node.OrPool pool -> convolution(graph, pool.input());
      case Node.Upsample upsample -> convolution(graph, upsample.input());
      case Node.Concat concat -> convolution(graph, concat.inputs().getFirst());
    };
  }

  private static Map<String, Object> json(Row row, Optional<EnergyReport> report) {
    SpikeLayer layer = row.layer();
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", layer.name());
    one.put("shape", new int[] {layer.channels(), layer.rows(), layer.columns()});
    one.put("weight_bits", row.weightBits());
    one.put("spike_rate", layer.trainingRate());
    one.put("macs", layer.macs());
    report.ifPresent(
        r -> {
          row.convolution()
              .ifPresent(
                  c -> one.put("accumulates", Math.round(r.accounting().accumulates(c.name()))));
          r.measured().steps().stream()
              .filter(timed -> timed.step().layers().contains(layer.name()))
              .findFirst()
              .ifPresent(
                  timed -> {
                    one.put("kernel", timed.step().work());
                    one.put("ms", timed.milliseconds());
                  });
        });
    return one;
  }

  private static Map<String, Object> json(MeasuredTime.TimedStep timed) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", timed.step().name());
    one.put("work", timed.step().work());
    one.put("bytes", timed.step().bytes());
    one.put("ms", timed.milliseconds());
    return one;
  }

  private static String json(ModelFile model, List<Row> rows, Optional<EnergyReport> report) {
    List<Map<String, Object>> layers = rows.stream().map(row -> json(row, report)).toList();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.metadata().name());
    document.put("version", model.metadata().version());
    document.put("sha256", model.sha256());
    document.put("layers", layers);
    report.ifPresent(
        r ->
            document.put(
                "steps", r.measured().steps().stream().map(InspectCommand::json).toList()));
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("macs", model.metadata().macs());
    report.ifPresent(
        r -> {
          totals.put("accumulates", Math.round(r.accounting().accumulates()));
          totals.put("ms", r.measured().milliseconds());
        });
    document.put("totals", totals);
    report.ifPresent(r -> document.put("energy", r.json()));
    return new JsonMapper().writeValueAsString(document);
  }

  private static String table(ModelFile model, List<Row> rows) {
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
    table.append("%-18s %14s %5s %8s %14s%n".formatted("layer", "shape", "bits", "spikes", "MACs"));
    for (Row row : rows) {
      SpikeLayer layer = row.layer();
      String shape = "%dx%dx%d".formatted(layer.channels(), layer.rows(), layer.columns());
      table.append(
          "%-18s %14s %5d %7.1f%% %,14d%n"
              .formatted(
                  layer.name(), shape, row.weightBits(), 100 * layer.trainingRate(), layer.macs()));
    }
    if (model.network() instanceof ModelFile.Network.Foreign(String reason)) {
      table.append("popcount refuses it: ").append(reason).append(System.lineSeparator());
    }
    return table
        .append("%,d multiply-accumulates a photo".formatted(model.metadata().macs()))
        .toString();
  }

  /** What the popcount engine does, step by step. */
  private static String plan(MeasuredTime measured) {
    double all = measured.steps().stream().mapToDouble(MeasuredTime.TimedStep::milliseconds).sum();
    StringBuilder plan = new StringBuilder();
    plan.append(
        "%nThe popcount engine's plan, medians on one core, random pixels:%n%-16s %-66s %8s %8s%n"
            .formatted("step", "", "KB", "ms"));
    for (MeasuredTime.TimedStep timed : measured.steps()) {
      plan.append(
          "%-16s %-66s %8.1f %8.4f %3.0f %%%n"
              .formatted(
                  timed.step().name(),
                  timed.step().work(),
                  timed.step().bytes() / 1024.0,
                  timed.milliseconds(),
                  100 * timed.milliseconds() / all));
    }
    return plan.toString();
  }
}
