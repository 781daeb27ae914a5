package io.popsight.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EvaluationTextTest {

  private static final List<String> LABELS =
      List.of("motorbike", "a class whose name is long", "cat");

  @Test
  void columns_areAsWideAsTheNamesInThem() {
    ExportedEvaluation nothing =
        new ExportedEvaluation(
            new AveragePrecision(List.of(), LABELS).measure(),
            new LinkedHashMap<>(),
            List.of(),
            new Speed(1, 1, 1),
            OptionalDouble.empty());

    String text =
        new EvaluationText(
                nothing, ConfusionMatrix.of(List.of(), LABELS, 0.3), new LinkedHashMap<>())
            .text();

    List<String> classes = text.lines().limit(4).toList();
    assertThat(classes).allSatisfy(line -> assertThat(line).hasSameSizeAs(classes.getFirst()));
    List<String> confusion =
        text.lines().dropWhile(line -> !line.startsWith("from score")).skip(1).limit(5).toList();
    assertThat(confusion).allSatisfy(line -> assertThat(line).hasSameSizeAs(confusion.getFirst()));
    assertThat(confusion.getFirst())
        .matches(" {26} motorbike a class whose name is long {6}cat {3}missed");
    assertThat(text).contains("COCO: AP -, AP50 -", "AR100 -").doesNotContain("NaN");
  }
}
