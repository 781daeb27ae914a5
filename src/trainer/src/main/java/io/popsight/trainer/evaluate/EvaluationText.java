package io.popsight.trainer.evaluate;

import io.popsight.imaging.Disturbance;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * An evaluation as {@code eval} prints it for a person; a figure of what is not there is a dash.
 */
record EvaluationText(
    ExportedEvaluation evaluation,
    ConfusionMatrix confusion,
    SequencedMap<Disturbance, ExportedEvaluation> disturbed) {

  private static final int NAME = 20;
  private static final int COUNT = 8;

  String text() {
    return classes() + figures() + matrix() + speed() + spoilt();
  }

  private String classes() {
    List<EvaluationResult.ClassResult> classes = evaluation.result().perClass();
    int names = width(NAME, classes.stream().map(EvaluationResult.ClassResult::label));
    StringBuilder table =
        new StringBuilder(
            ("%-" + names + "s %8s %8s %8s%n").formatted("class", "AP50", "AP", "objects"));
    for (EvaluationResult.ClassResult c : classes) {
      table.append(
          ("%-" + names + "s %8s %8s %8d%n")
              .formatted(
                  c.label(),
                  EvaluationResult.figure(c.ap50(), 3),
                  EvaluationResult.figure(c.ap(), 3),
                  c.groundTruths()));
    }
    return table.toString();
  }

  private String figures() {
    EvaluationResult result = evaluation.result();
    CocoResult coco = result.coco();
    return "%d photos: %smAP50 %.4f (11-point %.4f), mAP50-95 %.4f%n"
            .formatted(
                result.images(),
                evaluation.accuracyText(),
                result.map50(),
                result.map5011pt(),
                result.map())
        + "COCO: AP %s, AP50 %s, AP75 %s; small %s, medium %s, large %s; AR100 %s%n"
            .formatted(
                Stream.of(
                        coco.map(),
                        coco.map50(),
                        coco.map75(),
                        coco.small(),
                        coco.medium(),
                        coco.large(),
                        coco.recall100())
                    .map(figure -> EvaluationResult.figure(figure, 4))
                    .toArray());
  }

  private String matrix() {
    List<String> labels = confusion.labels();
    int names = width(NAME, labels.stream());
    StringBuilder table =
        new StringBuilder(
            ("%nfrom score %.2f on, true class by class found%n%-" + names + "s")
                .formatted(confusion.minScore(), ""));
    Stream.concat(labels.stream(), Stream.of("missed"))
        .forEach(
            found -> table.append((" %" + width(COUNT, Stream.of(found)) + "s").formatted(found)));
    table.append(System.lineSeparator());
    for (int row = 0; row <= labels.size(); row++) {
      table.append(
          ("%-" + names + "s").formatted(row < labels.size() ? labels.get(row) : "nothing"));
      for (int column = 0; column <= labels.size(); column++) {
        int width = column < labels.size() ? width(COUNT, Stream.of(labels.get(column))) : COUNT;
        table.append((" %" + width + "d").formatted(confusion.counts()[row][column]));
      }
      table.append(System.lineSeparator());
    }
    return table.append(System.lineSeparator()).toString();
  }

  private String speed() {
    Speed speed = evaluation.speed();
    return "spikes %.1f %%; decode %.2f ms, network %.2f ms, boxes %.2f ms a photo, medians on one thread"
        .formatted(
            100
                * evaluation.spikeRates().values().stream()
                    .mapToDouble(rate -> rate)
                    .average()
                    .orElse(0),
            speed.decodeMs(),
            speed.inferMs(),
            speed.postprocessMs());
  }

  private String spoilt() {
    StringBuilder table = new StringBuilder();
    disturbed.forEach(
        (disturbance, spoilt) ->
            table.append(
                "%n%-20s %smAP50 %.4f, mAP50-95 %.4f"
                    .formatted(
                        DisturbanceName.of(disturbance),
                        spoilt.accuracyText(),
                        spoilt.result().map50(),
                        spoilt.result().map())));
    return table.toString();
  }

  private static int width(int least, Stream<String> texts) {
    return Math.max(least, texts.mapToInt(String::length).max().orElse(0));
  }
}
