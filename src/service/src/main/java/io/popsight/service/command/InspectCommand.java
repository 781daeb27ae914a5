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

  /** A spiking layer as it is shown. */
  private record Row(String name, int[] shape, int weightBits, double spikeRate, long macs) {}

  @Override
  public Integer call() throws IOException {
    EnergyTable prices = EnergyTable.of(energy);
    ModelFile model = ModelFile.read(Home.modelFolder().find(file));
    List<Row> rows = rows(model);
    Optional<EnergyReport> report =
        model.network() instanceof ModelFile.Network.Typed
            ? Optional.of(
                new EnergyReport(new EnergyAccounting(model), MeasuredTime.milliseconds(model)))
            : Optional.empty();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(model, rows, report));
    } else {
      out.println(table(model, rows));
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
      int bits =
          model.network() instanceof ModelFile.Network.Typed(ModelGraph graph)
              ? weightBits(graph, layer.name())
              : 0;
      int[] shape = {layer.channels(), layer.rows(), layer.columns()};
      rows.add(new Row(layer.name(), shape, bits, layer.trainingRate(), layer.macs()));
    }
    return rows;
  }

  private static int weightBits(ModelGraph graph, String name) {
    return switch (graph.node(name)) {
      case Node.Pixels _ -> 0;
      case Node.Convolution convolution -> convolution.weights().bits();
      case Node.Spikes spikes -> weightBits(graph, spikes.input());
      case Node.Stream stream -> weightBits(graph, stream.input());
      case Node.OrPool pool -> weightBits(graph, pool.input());
      case Node.Upsample upsample -> weightBits(graph, upsample.input());
      case Node.Concat concat -> weightBits(graph, concat.inputs().getFirst());
    };
  }

  private static String json(ModelFile model, List<Row> rows, Optional<EnergyReport> report) {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("name", row.name());
      layer.put("shape", row.shape());
      layer.put("weight_bits", row.weightBits());
      layer.put("spike_rate", row.spikeRate());
      layer.put("macs", row.macs());
      layers.add(layer);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.metadata().name());
    document.put("version", model.metadata().version());
    document.put("sha256", model.sha256());
    document.put("layers", layers);
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("macs", rows.stream().mapToLong(Row::macs).sum());
    report.ifPresent(
        r -> {
          totals.put("accumulates", Math.round(r.accounting().accumulates()));
          totals.put("ms", r.measuredMs());
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
      String shape = "%dx%dx%d".formatted(row.shape()[0], row.shape()[1], row.shape()[2]);
      table.append(
          "%-18s %14s %5d %7.1f%% %,14d%n"
              .formatted(row.name(), shape, row.weightBits(), 100 * row.spikeRate(), row.macs()));
    }
    if (model.network() instanceof ModelFile.Network.Foreign(String reason)) {
      table.append("popcount refuses it: ").append(reason).append(System.lineSeparator());
    }
    return table
        .append(
            "%,d multiply-accumulates a photo".formatted(rows.stream().mapToLong(Row::macs).sum()))
        .toString();
  }
}
