package io.popsight.trainer.evaluate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.command.CommandEnd;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The shipped cells model on one photo with the boxes that people drew. */
class EvalCommandTest {

  private static final Path CELLS = Path.of("../../models/popsight-cells.onnx");
  private static final Path PHOTO =
      Path.of("../imaging/src/test/resources/cells/BloodImage_00007.jpg");

  /** Class, left, top, right, bottom on 640x480 pixels: BCCD's annotation of the photo. */
  private static final List<int[]> BOXES =
      List.of(
          new int[] {2, 193, 92, 387, 285},
          new int[] {1, 17, 298, 134, 402},
          new int[] {1, 64, 372, 175, 479},
          new int[] {1, 119, 330, 230, 437},
          new int[] {1, 169, 265, 259, 374},
          new int[] {1, 495, 300, 601, 402},
          new int[] {1, 534, 371, 640, 473},
          new int[] {1, 515, 44, 639, 152},
          new int[] {1, 18, 124, 142, 232},
          new int[] {1, 70, 63, 194, 171},
          new int[] {1, 270, 1, 392, 71},
          new int[] {1, 254, 427, 340, 480});

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  @Test
  void bothBackends_giveTheSameFiguresToTheLastDigit() throws IOException {
    JsonNode popcount = eval(CELLS, "popcount");
    JsonNode onnx = eval(CELLS, "onnx");

    assertThat(popcount.get("map50").asDouble()).isGreaterThan(0.5);
    assertThat(onnx).isEqualTo(popcount);
  }

  @Test
  void tiles_areLookedAtByBothBackendsAlike() throws IOException {
    JsonNode popcount = eval(CELLS, "popcount", "--tiles=2");
    JsonNode onnx = eval(CELLS, "onnx", "--tiles=2");

    assertThat(onnx).isEqualTo(popcount);
    assertThat(popcount.get("map50")).isNotEqualTo(eval(CELLS, "popcount").get("map50"));
  }

  @Test
  void boxesAreSuppressed_asTheFileSays() throws IOException {
    Path crowded = folder.resolve("crowded.onnx");
    String file = Files.readString(CELLS, ISO_8859_1);
    assertThat(file).containsOnlyOnce("\"iou\":0.5");
    Files.writeString(crowded, file.replace("\"iou\":0.5", "\"iou\":0.9"), ISO_8859_1);

    assertThat(foundWhereNothingIs(eval(crowded, "popcount")))
        .isGreaterThan(foundWhereNothingIs(eval(CELLS, "popcount")));
  }

  @Test
  void classesOfWhichThereIsNothing_haveNoFigures() throws IOException {
    JsonNode platelets = eval(CELLS, "popcount").get("per_class").get(0);
    assertThat(platelets.get("ground_truths").asInt()).isZero();
    for (String figure : List.of("ap50", "ap50_11pt", "ap", "ap_coco")) {
      assertThat(platelets.get(figure).isNull()).as(figure).isTrue();
    }

    assertThat(run("--model=" + CELLS, "--data=" + photos())).isZero();
    assertThat(out.toString())
        .containsPattern("Platelets +- +- +0\n")
        .contains("small -")
        .doesNotContain("NaN");
  }

  @Test
  void unknownClass_isToldOnceWithItsNumber() throws IOException {
    Path data = photos();
    Files.writeString(
        data.resolve("data.yaml"), "names: [Platelets, cell, WBC]\nval: val/images\n");

    assertThat(run("--model=" + CELLS, "--data=" + data)).isZero();

    assertThat(err.toString().lines().filter(line -> line.contains("unknown class")))
        .containsExactly(
            "unknown class 'cell': 11 objects are left out; known: [Platelets, RBC, WBC]");
  }

  @Test
  void dataOfOtherClasses_areRefused_withBothListsOfClasses() throws IOException {
    Path data = photos();
    Files.writeString(data.resolve("data.yaml"), "names: [bus, car, dog]\nval: val/images\n");

    assertThat(run("--model=" + CELLS, "--data=" + data)).isEqualTo(2);

    assertThat(out).hasToString("");
    assertThat(err.toString())
        .contains("it finds [Platelets, RBC, WBC], the data has [bus, car, dog]");
  }

  @Test
  void wrongUsage_isToldBeforeAnythingIsMeasured() throws IOException {
    Path data = photos();
    Path file = data.resolve("data.yaml");

    assertThat(run("--model=popsight-street", "--data=" + data)).isEqualTo(2);
    assertThat(run("--model=" + CELLS, "--data=" + data, "--min-score=9")).isEqualTo(2);
    assertThat(run("--model=" + CELLS, "--data=" + data, "--disturb=dark,upside_down"))
        .isEqualTo(2);
    assertThat(run("--model=" + CELLS, "--data=" + data, "--tiles=5")).isEqualTo(2);
    assertThat(run("--model=" + CELLS, "--data=" + data, "--tiles=2", "--disturb=dark"))
        .isEqualTo(2);
    assertThat(run("--model=" + CELLS, "--data=" + data, "--out=" + file)).isOne();

    assertThat(err.toString())
        .contains("there is no file popsight-street")
        .contains("--min-score must be in 0..1, got 9.0")
        .contains("tiles must be in 1..4, got 5")
        .contains("--tiles does not go with --disturb")
        .contains("want blur, noise, dark, jpeg, got 'upside_down'")
        .contains(file + " is no folder")
        .doesNotContain("of 1 photos");
  }

  @Test
  void figures_areNotLostWithTheFolder() throws IOException {
    Path folderInPlaceOfAFile = folder.resolve("figures/evaluation.json");
    Files.createDirectories(folderInPlaceOfAFile);

    assertThat(run("--model=" + CELLS, "--data=" + photos(), "--out=" + folder + "/figures"))
        .isOne();

    assertThat(out.toString()).contains("1 photos: mAP50 ");
  }

  private static int foundWhereNothingIs(JsonNode document) {
    JsonNode counts = document.get("confusion").get("counts");
    return counts.get(counts.size() - 1).valueStream().mapToInt(JsonNode::asInt).sum();
  }

  /** The document without its times. */
  private JsonNode eval(Path model, String backend, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--model=" + model);
    arguments.add("--data=" + photos());
    arguments.add("--backend=" + backend);
    arguments.add("--json");
    assertThat(run(arguments.toArray(String[]::new))).isZero();
    ObjectNode document = (ObjectNode) new JsonMapper().readTree(out.toString());
    document.remove("median_ms");
    return document;
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return CommandEnd.of(new CommandLine(new EvalCommand()), _ -> false)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private Path photos() throws IOException {
    Path data = folder.resolve("photos");
    Files.createDirectories(data.resolve("val/images"));
    Files.createDirectories(data.resolve("val/labels"));
    Files.writeString(data.resolve("data.yaml"), "names: [Platelets, RBC, WBC]\nval: val/images\n");
    Path photo = data.resolve("val/images/cells.jpg");
    if (!Files.exists(photo)) {
      Files.copy(PHOTO, photo);
    }
    Files.writeString(
        data.resolve("val/labels/cells.txt"),
        BOXES.stream().map(EvalCommandTest::line).collect(Collectors.joining("\n")));
    return data;
  }

  /** Class, then centre and size as shares of the photo. */
  private static String line(int[] box) {
    return String.format(
        Locale.ROOT,
        "%d %f %f %f %f",
        box[0],
        (box[1] + box[3]) / 1280.0,
        (box[2] + box[4]) / 960.0,
        (box[3] - box[1]) / 640.0,
        (box[4] - box[2]) / 480.0);
  }
}
