package io.popsight.service.energy;

import io.popsight.backend.PlanStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An accounting as a person or a program reads it, the measured time beside it.
 *
 * @param measured on the backend that runs the file
 */
public record EnergyReport(EnergyAccounting accounting, MeasuredTime measured) {

  private static final int ROW = 34;
  private static final int BARS = 560;
  private static final int NAMES = 220;

  /** A table. */
  public String text(EnergyTable table) {
    List<EnergyAccounting.Network> networks = accounting.networks(table);
    double own = networks.getFirst().microjoules();
    StringBuilder text = new StringBuilder();
    text.append(format("%nModelled energy a photo, %s: %s%n", table.name(), table.source()));
    text.append(
        format(
            "  pJ: multiply-accumulate %.2f (float %.2f), accumulate %.3f, bit counted %.4f,"
                + " comparison %.3f, byte %.2f%n",
            table.intMac(),
            table.floatMac(),
            table.accumulate(),
            table.bitCount(),
            table.compare(),
            table.sramByte()));
    text.append(
        format(
            "%-26s %12s %12s %12s %12s %8s%n",
            "network", "Moperations", "compute uJ", "memory uJ", "total uJ", "times"));
    for (EnergyAccounting.Network n : networks) {
      text.append(
          format(
              "%-26s %,12.1f %,12.2f %,12.2f %,12.2f %7.2fx%n",
              n.name(),
              n.operations() / 1e6,
              n.computeMicrojoules(),
              n.memoryMicrojoules(),
              n.microjoules(),
              n.microjoules() / own));
    }
    return text.append(
            format(
                "%.1f %% of the operations are not sums of spikes (comparisons, and what reads no spikes)."
                    + " Measured: %.2f ms a photo on one"
                    + " core,%n%s",
                100 * accounting.notBinaryShare(), measured.milliseconds(), spentOn()))
        .toString();
  }

  private String spentOn() {
    if (measured.steps().isEmpty()) {
      return "by ONNX Runtime, which multiplies by zeros, too, and as a whole: it does not tell"
          + " layers apart.";
    }
    return (mostGoEventByEvent()
            ? "which in most hidden steps goes event by event, from one to the next: compare the row"
                + " of a sum a spike,"
            : "which counts bits whether they are ones or not: compare the row of AND + popcount,")
        + " and the float twin's time in ./popsight bench.";
  }

  private boolean mostGoEventByEvent() {
    List<PlanStep> hidden =
        measured.steps().stream()
            .map(MeasuredTime.TimedStep::step)
            .filter(step -> step.layers().stream().anyMatch(this::readsSpikes))
            .toList();
    long events = hidden.stream().filter(PlanStep::byEvent).count();
    return 2 * events > hidden.size();
  }

  private boolean readsSpikes(String layer) {
    return accounting.behind(layer).filter(work -> !work.dense()).isPresent();
  }

  /** The same for a program: both tables. */
  public Map<String, Object> json() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("stem_macs", accounting.stemMacs());
    document.put("accumulates", Math.round(accounting.accumulates()));
    document.put("not_binary_share", accounting.notBinaryShare());
    document.put("measured_ms", measured.milliseconds());
    List<Map<String, Object>> tables = new ArrayList<>();
    for (EnergyTable table : List.of(EnergyTable.NM45, EnergyTable.NM7)) {
      Map<String, Object> constants = new LinkedHashMap<>();
      constants.put("mac", table.intMac());
      constants.put("float_mac", table.floatMac());
      constants.put("accumulate", table.accumulate());
      constants.put("bit_count", table.bitCount());
      constants.put("difference", table.difference());
      constants.put("compare", table.compare());
      constants.put("sram_byte", table.sramByte());
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("table", table.name());
      one.put("source", table.source());
      one.put("picojoules", constants);
      one.put("networks", accounting.networks(table).stream().map(EnergyReport::json).toList());
      tables.add(one);
    }
    document.put("tables", tables);
    return document;
  }

  private static Map<String, Object> json(EnergyAccounting.Network n) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", n.name());
    one.put("operations", Math.round(n.operations()));
    one.put("bytes", Math.round(n.bytes()));
    one.put("compute_uj", n.computeMicrojoules());
    one.put("memory_uj", n.memoryMicrojoules());
    one.put("total_uj", n.microjoules());
    return one;
  }

  /** Bars, as SVG: arithmetic and memory of each network. */
  public String svg(String model, EnergyTable table) {
    List<EnergyAccounting.Network> networks = accounting.networks(table);
    double most =
        networks.stream().mapToDouble(EnergyAccounting.Network::microjoules).max().orElse(1);
    StringBuilder svg = new StringBuilder();
    int height = 92 + ROW * networks.size();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 %d\" width=\"920\""
                + " height=\"%d\" font-family=\"sans-serif\" font-size=\"14\""
                + " fill=\"#232a33\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
            height, height));
    svg.append(
        format(
            "<text x=\"16\" y=\"28\" font-size=\"17\" font-weight=\"bold\">%s: modelled energy a"
                + " photo, microjoules (%s)</text>%n",
            model, table.name()));
    svg.append(
        "<rect x=\"16\" y=\"42\" width=\"12\" height=\"12\" fill=\"#2e7d5a\"/><text x=\"34\""
            + " y=\"53\">arithmetic</text><rect x=\"124\" y=\"42\" width=\"12\" height=\"12\""
            + " fill=\"#c98a2b\"/><text x=\"142\" y=\"53\">memory</text>\n");
    int y = 72;
    for (EnergyAccounting.Network n : networks) {
      double compute = BARS * n.computeMicrojoules() / most;
      double memory = BARS * n.memoryMicrojoules() / most;
      svg.append(
          format(
              "<text x=\"16\" y=\"%d\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\""
                  + " height=\"20\" fill=\"#2e7d5a\"/><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\""
                  + " height=\"20\" fill=\"#c98a2b\"/><text x=\"%.1f\" y=\"%d\">%,.1f</text>%n",
              y + 15,
              n.name(),
              NAMES,
              y,
              compute,
              NAMES + compute,
              y,
              memory,
              NAMES + compute + memory + 8,
              y + 15,
              n.microjoules()));
      y += ROW;
    }
    return svg.append("</svg>\n").toString();
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
