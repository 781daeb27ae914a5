package io.popsight.trainer.compare;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.evaluate.Curves;
import io.popsight.trainer.evaluate.DataSetChoice;
import io.popsight.trainer.evaluate.DetectedPhoto;
import io.popsight.trainer.report.ComparedPhotos;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Measures model files, and Darknet's YOLOs through OpenCV DNN and ONNX Runtime,",
      "on the same labelled photos: AP of the classes that all know, time a photo on",
      "one thread, photos a second on two, and what a process of its own grows by."
    })
public final class CompareCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL[@BACKEND]",
      description = "model files; @onnx runs one through ONNX Runtime instead of popcount")
  private List<String> models = List.of();

  @Option(
      names = "--darknet",
      arity = "1..*",
      paramLabel = "CFG",
      description =
          "Darknet networks, each measured through OpenCV DNN and, converted, ONNX Runtime; NAME.weights and coco.names lie beside NAME.cfg")
  private List<Path> darknets = List.of();

  @Mixin private DataSetChoice data = new DataSetChoice();

  @Option(
      names = "--out",
      description =
          "folder for comparison.json, comparison.html (photos side by side) and comparison.png")
  private @Nullable Path out;

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    DataSet set = data.read(labels(), spec.commandLine().getErr()::println);
    List<Contender> contenders = new ArrayList<>();
    try {
      for (Entry model : models.stream().map(Entry::parse).distinct().toList()) {
        contenders.add(model.contender(set.labels()));
      }
      for (Path darknet : darknets) {
        contenders.add(new Entry(darknet, Entry.OPEN_CV).contender(set.labels()));
        try {
          contenders.add(new Entry(darknet, Entry.ONNX_RUNTIME).contender(set.labels()));
        } catch (ModelRefusedException e) {
          spec.commandLine().getErr().println("not through ONNX Runtime: " + e.getMessage());
        }
      }
      Comparison comparison = new Comparison(set, contenders, spec.commandLine().getErr()::println);
      if (out != null) {
        Files.createDirectories(out);
      }
      List<Comparison.Row> rows = comparison.measure();
      String document = json(comparison, rows);
      stdout.println(json ? document : table(comparison, rows, set.photos().size()));
      stdout.flush();
      if (out != null) {
        write(out, set, rows, document);
      }
    } finally {
      contenders.forEach(Contender::close);
    }
    return 0;
  }

  /** The data set's classes are numbered as the first model's. */
  private List<String> labels() {
    return ModelFile.read(Entry.parse(models.getFirst()).file()).metadata().labels();
  }

  private static void write(Path folder, DataSet set, List<Comparison.Row> rows, String document)
      throws IOException {
    Files.writeString(folder.resolve("comparison.json"), document);
    Curves plot =
        new Curves("Accuracy over time", "milliseconds a photo, one thread", "mAP50").upright(0, 1);
    SequencedMap<String, List<DetectedPhoto>> found = new LinkedHashMap<>();
    for (Comparison.Row row : rows) {
      plot.line(row.name(), new double[] {row.milliseconds()}, new double[] {row.map50()});
      found.put(row.name(), row.found());
    }
    Files.write(folder.resolve("comparison.png"), plot.png());
    Files.writeString(
        folder.resolve("comparison.html"), new ComparedPhotos(found, set.labels()).page());
  }

  private static String json(Comparison comparison, List<Comparison.Row> rows) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("classes", comparison.shared());
    document.put(
        "contenders",
        rows.stream()
            .map(
                row -> {
                  Map<String, Object> line = new LinkedHashMap<>();
                  line.put("name", row.name());
                  line.put("learned", row.learned());
                  line.put("map50", row.map50());
                  line.put("map", row.map());
                  line.put("ms", row.milliseconds());
                  line.put("photos_per_second", row.photosPerSecond());
                  line.put("bytes", row.bytes());
                  row.resident().ifPresent(bytes -> line.put("resident_bytes", bytes));
                  return line;
                })
            .toList());
    return JsonMapper.builder()
        .build()
        .writerWithDefaultPrettyPrinter()
        .writeValueAsString(document);
  }

  private static String table(Comparison comparison, List<Comparison.Row> rows, int photos) {
    StringBuilder table =
        new StringBuilder(
            "%-36s %7s %8s %9s %10s %9s %9s  %s%n"
                .formatted(
                    "",
                    "mAP50",
                    "mAP",
                    "ms/photo",
                    "photos/s",
                    "file MB",
                    "memory MB",
                    "learned from"));
    for (Comparison.Row row : rows) {
      table.append(
          "%-36s %7.3f %8.3f %9.2f %10.0f %9.2f %9s  %s%n"
              .formatted(
                  row.name(),
                  row.map50(),
                  row.map(),
                  row.milliseconds(),
                  row.photosPerSecond(),
                  row.bytes() / 1e6,
                  row.resident().isPresent()
                      ? "%.0f".formatted(row.resident().getAsLong() / 1e6)
                      : "-",
                  row.learned()));
    }
    return table
        .append(
            "%d photos, classes %s. ms/photo: median on one thread, decoded pixels to boxes, in turns; photos/s: two threads; memory: what a process of its own grows by"
                .formatted(photos, String.join(", ", comparison.shared())))
        .toString();
  }
}
