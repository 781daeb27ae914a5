package io.popsight.trainer.data;

import static java.util.stream.Collectors.joining;

import io.popsight.geometry.BoundingBox;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is in a data set: how many objects a class, and how large they are, which says what input
 * size a detector of them needs.
 */
public record DataSetReport(DataSet set) {

  private static final int SHOWN = 3;

  /** A table, a class a line. */
  public String text() {
    StringBuilder text = new StringBuilder();
    long empty = set.photos().stream().filter(photo -> photo.objects().isEmpty()).count();
    text.append(
        "%s: %d photos, %d of them without objects%n"
            .formatted(set.name(), set.photos().size(), empty));
    withoutLabels().ifPresent(told -> text.append(told).append(System.lineSeparator()));
    text.append(
        "%-16s %8s %8s %9s   %s%n"
            .formatted(
                "class",
                "photos",
                "objects",
                "difficult",
                "side of a box in pixels: 5 %, half, 95 %"));
    for (int label = 0; label < set.labels().size(); label++) {
      text.append(line(label));
    }
    return text.toString();
  }

  /**
   * How many photos have no label file, and where they were looked for; empty when all have one.
   */
  public Optional<String> withoutLabels() {
    List<Path> missing = set.withoutLabels();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d photos have no label file, so nothing is on them; there is no %s%s"
                .formatted(
                    missing.size(),
                    missing.stream().limit(SHOWN).map(Path::toString).collect(joining(", ")),
                    missing.size() > SHOWN ? ", ..." : ""));
  }

  /** Classes of which there is no object: nothing can be learned, or measured, of them. */
  public List<String> missingClasses() {
    return IntStream.range(0, set.labels().size())
        .filter(
            c ->
                set.photos().stream()
                    .flatMap(p -> p.objects().stream())
                    .noneMatch(o -> o.classId() == c && !o.difficult()))
        .mapToObj(set.labels()::get)
        .toList();
  }

  private String line(int label) {
    List<GroundTruth> objects =
        set.photos().stream()
            .flatMap(photo -> photo.objects().stream())
            .filter(object -> object.classId() == label)
            .toList();
    long photos =
        set.photos().stream()
            .filter(p -> p.objects().stream().anyMatch(o -> o.classId() == label))
            .count();
    double[] sides =
        objects.stream().map(GroundTruth::box).mapToDouble(DataSetReport::side).sorted().toArray();
    String shown =
        sides.length == 0
            ? "-"
            : "%.0f, %.0f, %.0f".formatted(at(sides, 0.05), at(sides, 0.5), at(sides, 0.95));
    return "%-16s %8d %8d %9d   %s%n"
        .formatted(
            set.labels().get(label),
            photos,
            objects.size(),
            objects.stream().filter(GroundTruth::difficult).count(),
            shown);
  }

  /** Of a square of the same area. */
  private static double side(BoundingBox box) {
    return Math.sqrt(box.area());
  }

  /** The least value that this share of all does not exceed (nearest rank). */
  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
