package io.popsight.trainer.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Files that {@code eval --out} leaves in a folder that is there. */
record EvaluationFolder(Path dir) {

  void write(ExportedEvaluation evaluation, ConfusionMatrix confusion, String json)
      throws IOException {
    Files.writeString(dir.resolve("evaluation.json"), json);
    Files.write(
        dir.resolve("precision-recall.png"),
        Curves.precisionRecall(evaluation.photos(), confusion.labels()));
    Files.write(dir.resolve("confusion.csv"), csv(confusion));
  }

  private static List<String> csv(ConfusionMatrix confusion) {
    List<String> labels = confusion.labels();
    String head =
        labels.stream()
            .map(EvaluationFolder::quoted)
            .collect(Collectors.joining(",", "true\\found,", ",missed"));
    return IntStream.rangeClosed(-1, labels.size())
        .mapToObj(
            row ->
                row < 0
                    ? head
                    : IntStream.of(confusion.counts()[row])
                        .mapToObj(String::valueOf)
                        .collect(
                            Collectors.joining(
                                ",",
                                (row < labels.size() ? quoted(labels.get(row)) : "nothing") + ",",
                                "")))
        .toList();
  }

  private static String quoted(String label) {
    return '"' + label.replace("\"", "\"\"") + '"';
  }
}
