package io.popsight.trainer.report;

import static io.popsight.trainer.report.Html.format;
import static io.popsight.trainer.report.Html.text;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.model.SpikeLayer;
import io.popsight.trainer.evaluate.BestScore;
import io.popsight.trainer.evaluate.ConfusionMatrix;
import io.popsight.trainer.evaluate.EvaluationResult;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.evaluate.Speed;
import io.popsight.trainer.network.FiringMargins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A finished run on one page, {@code report.html}, which needs nothing but itself; its plots also
 * lie in {@code plots}.
 *
 * @param model the exported file
 * @param config as YAML
 * @param epochs lines of the run's log, an epoch each
 * @param margins how near to firing units are, a layer
 * @param evaluation of the exported file on the validation photos
 * @param flattering how many of those were learned from, too, as it is told behind their number;
 *     empty where none was
 * @param confusion at the file's threshold
 * @param scores how they were calibrated and cut
 */
public record RunReport(
    ModelFile model,
    String config,
    List<JsonNode> epochs,
    List<FiringMargins.Layer> margins,
    ExportedEvaluation evaluation,
    String flattering,
    ConfusionMatrix confusion,
    Scores scores) {

  private static final int PHOTOS = 6;

  /**
   * What became of the scores.
   *
   * @param errorBefore expected calibration error as trained
   * @param errorAfter of the exported file
   * @param best threshold with the best F1
   * @param exported which state of the weights was exported
   */
  public record Scores(double errorBefore, double errorAfter, BestScore best, String exported) {}

  /** Writes the page and the plots into a run's folder. */
  public void write(Path folder) throws IOException {
    SequencedMap<String, byte[]> plots =
        new RunPlots(epochs, margins).all(evaluation.photos(), confusion.labels());
    Path pictures = Files.createDirectories(folder.resolve("plots"));
    for (Map.Entry<String, byte[]> plot : plots.entrySet()) {
      Files.write(pictures.resolve(plot.getKey() + ".png"), plot.getValue());
    }
    Files.writeString(folder.resolve("report.html"), page(plots));
  }

  private String page(SequencedMap<String, byte[]> plots) {
    ModelMetadata m = model.metadata();
    String title = "%s %s".formatted(m.name(), m.version());
    return template()
        .replace("{{title}}", text(title))
        .replace(
            "{{origin}}",
            text(
                format(
                    "Trained on %s for %d epochs, seed %d, trainer of commit %s. Every figure is of"
                        + " the exported file, run by the backend that serves it, on the %d photos"
                        + " of split %s%s. Exported: %s.",
                    m.training().dataSet(),
                    m.training().epochs(),
                    m.training().seed(),
                    m.training().commit(),
                    evaluation.result().images(),
                    m.training().split(),
                    flattering,
                    scores.exported())))
        .replace("{{tiles}}", tiles())
        .replace("{{classes}}", classes())
        .replace("{{confusion}}", confusionTable())
        .replace("{{layers}}", layers(m))
        .replace("{{config}}", text(config))
        .replace("{{plots}}", pictures(plots))
        .replace("{{photos}}", photos());
  }

  private static String template() {
    try (var stream =
        Objects.requireNonNull(RunReport.class.getResourceAsStream("report.html"), "report.html")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String tiles() {
    EvaluationResult r = evaluation.result();
    Speed speed = evaluation.speed();
    double rate = evaluation.spikeRates().values().stream().mapToDouble(x -> x).average().orElse(0);
    double seconds = epochs.stream().mapToDouble(e -> e.path("seconds").asDouble(0)).sum();
    double waited = epochs.stream().mapToDouble(e -> e.path("waited_s").asDouble(0)).sum();
    return tile("mAP50", format("%.3f", r.map50()), format("11-point %.3f", r.map5011pt()))
        + tile(
            "mAP50-95",
            format("%.3f", r.map()),
            "COCO AP " + EvaluationResult.figure(r.coco().map(), 3))
        + tile(
            "threshold",
            format("%.2f", confusion.minScore()),
            format("best F1 %.3f at %.2f", scores.best().f1(), scores.best().minScore()))
        + tile(
            "calibration error",
            format("%.3f", scores.errorAfter()),
            format("as trained %.3f", scores.errorBefore()))
        + tile("units firing", format("%.1f %%", 100 * rate), "mean over layers")
        + tile(
            "a photo",
            format("%.1f ms", speed.inferMs()),
            format("network alone; decoding %.1f ms", speed.decodeMs()))
        + tile(
            "training",
            seconds < 90 ? format("%.0f s", seconds) : format("%.0f min", seconds / 60),
            format("%.1f %% of it waiting for photos", 100 * waited / Math.max(1e-9, seconds)));
  }

  private static String tile(String name, String value, String note) {
    return "<div class=\"tile\"><span>%s</span><b>%s</b><small>%s</small></div>%n"
        .formatted(text(name), text(value), text(note));
  }

  private String classes() {
    return evaluation.result().perClass().stream()
        .map(
            c ->
                format(
                    "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td><td>%,d</td></tr>",
                    text(c.label()),
                    EvaluationResult.figure(c.ap50(), 3),
                    EvaluationResult.figure(c.ap5011pt(), 3),
                    EvaluationResult.figure(c.ap(), 3),
                    c.groundTruths()))
        .collect(Collectors.joining("\n"));
  }

  private String confusionTable() {
    int n = confusion.labels().size();
    StringBuilder table = new StringBuilder("<tr><th>marked \\ found</th>");
    confusion.labels().forEach(label -> table.append("<th>").append(text(label)).append("</th>"));
    table.append("<th>missed</th></tr>\n");
    for (int row = 0; row <= n; row++) {
      int[] counts = confusion.counts()[row];
      int sum = Math.max(1, IntStream.of(counts).sum());
      table
          .append("<tr><th>")
          .append(row < n ? text(confusion.labels().get(row)) : "nothing")
          .append("</th>");
      for (int column = 0; column <= n; column++) {
        if (row == n && column == n) {
          table.append("<td></td>");
          continue;
        }
        String colour = row == column ? "46,125,90" : "196,84,52";
        table.append(
            format(
                "<td style=\"background:rgba(%s,%.2f)\">%,d</td>",
                colour, 0.75 * counts[column] / sum, counts[column]));
      }
      table.append("</tr>\n");
    }
    return table.toString();
  }

  private String layers(ModelMetadata m) {
    Map<String, JsonNode> last =
        epochs.isEmpty()
            ? Map.of()
            : epochs
                .getLast()
                .path("layers")
                .valueStream()
                .collect(Collectors.toMap(l -> l.get("layer").asString(), l -> l));
    StringBuilder rows = new StringBuilder();
    for (SpikeLayer layer : m.spikeLayers()) {
      // Of several steps, which have one threshold, each is a layer of the file.
      JsonNode line = last.get(layer.name().replaceFirst("\\.t\\d+$", ""));
      double rate = evaluation.spikeRates().getOrDefault(layer.name(), 0.0);
      rows.append(
          format(
              "<tr><th>%s</th><td>%dx%dx%d</td><td>%,d</td><td class=\"bar\"><i"
                  + " style=\"width:%.1f%%\"></i>%.1f %%</td><td>%s</td><td>%s</td></tr>%n",
              text(layer.name()),
              layer.channels(),
              layer.rows(),
              layer.columns(),
              layer.macs(),
              Math.min(100, 200 * rate),
              100 * rate,
              line == null ? "" : format("%.3f", line.path("threshold").asDouble()),
              line == null ? "" : format("%.3f", line.path("hoyer").asDouble())));
    }
    return rows.toString();
  }

  private static String pictures(SequencedMap<String, byte[]> plots) {
    return plots.entrySet().stream()
        .map(e -> "<figure>" + Html.picture(e.getValue(), "png", e.getKey()) + "</figure>")
        .collect(Collectors.joining("\n"));
  }

  private String photos() {
    PhotoGallery gallery =
        new PhotoGallery(evaluation.photos(), confusion.labels(), model.metadata().minScore());
    return "<h3>Worst</h3>%n<div class=\"gallery\">%s</div>%n<h3>Best</h3>%n<div class=\"gallery\">%s</div>"
        .formatted(shown(gallery, gallery.worst(PHOTOS)), shown(gallery, gallery.best(PHOTOS)));
  }

  private static String shown(PhotoGallery gallery, List<PhotoGallery.Judged> photos) {
    return photos.stream()
        .map(
            j ->
                "<figure class=\"pair\">%s%s<figcaption>%s: %d right, %d wrong, %d missed</figcaption></figure>"
                    .formatted(
                        Html.picture(gallery.marked(j.photo()), "jpeg", "marked"),
                        Html.picture(gallery.found(j.photo()), "jpeg", "found"),
                        text(String.valueOf(j.photo().photo().photo().getFileName())),
                        j.right(),
                        j.wrong(),
                        j.missed()))
        .collect(Collectors.joining("\n"));
  }
}
