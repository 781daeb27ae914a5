package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.Build;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandsTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Path models = TestModels.folder();

  @TempDir private Path folder;
  private Path photo = Path.of("");

  @BeforeEach
  void photos() throws IOException {
    photo = Files.write(folder.resolve("cells.jpg"), TestPhotos.cells());
  }

  @Test
  void detectJson_isOneArrayWithFileNamesAndDrawsNothing() throws IOException {
    Files.write(folder.resolve("twin.PNG"), TestPhotos.as("png", 1));
    Files.writeString(folder.resolve("notes.txt"), "no photo");

    assertThat(run("detect", folder + "/", "--models", models, "--model", "alpha", "--json"))
        .isZero();
    JsonNode answers = new JsonMapper().readTree(out.toString());
    assertThat(answers.valueStream().map(a -> a.get("file").asString()))
        .containsExactly(folder + "/cells.jpg", folder + "/twin.PNG");
    assertThat(answers.get(0).get("version").asString()).as("newest").isEqualTo("1.10");
    assertThat(answers.get(0).get("image").get("width").asInt()).isEqualTo(640);
    assertThat(answers.get(0).propertyNames())
        .contains("model", "backend", "detections", "timings_ms", "spike_rates", "request_id");
    assertThat(folder).isDirectoryNotContaining("glob:**boxes*");
  }

  @Test
  void detect_drawsIntoTheFolderNamed() {
    Path pictures = folder.resolve("new/pictures");

    assertThat(run("detect", photo, "--models", models, "--model", "beta", "--out", pictures))
        .isZero();
    assertThat(pictures.resolve("cells-boxes.jpg")).isNotEmptyFile();
    assertThat(out.toString()).startsWith(photo + ": 640x480, ");
  }

  @Test
  void detect_drawsPhotosOfOneNameToFilesOfTheirOwn() throws IOException {
    Files.write(folder.resolve("cells.png"), TestPhotos.as("png", 2));
    Path pictures = folder.resolve("pictures");

    assertThat(run("detect", folder, "--models", models, "--model", "beta", "--out", pictures))
        .isZero();
    try (Stream<Path> drawn = Files.list(pictures)) {
      assertThat(drawn.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder("cells-boxes.jpg", "cells-2-boxes.jpg");
    }
  }

  @Test
  void detect_refusesToDrawOverAPhotoThatItIsGiven() throws IOException {
    byte[] holiday = TestPhotos.as("png", 1);
    Path named = Files.write(folder.resolve("cells-boxes.jpg"), holiday);
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);

    assertThat(run("detect", photo, named, "--models", models, "--model", "beta", "--out", link))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("the drawing of " + photo + " would replace the photo " + named)
        .doesNotContain("\tat ");
    assertThat(named).hasBinaryContent(holiday);
    assertThat(folder.toFile().list()).containsOnly("cells.jpg", "cells-boxes.jpg", "link");
  }

  @Test
  void detect_answersTheOthersBesideALinkToNothing() throws IOException {
    Files.createSymbolicLink(folder.resolve("gone.jpg"), folder.resolve("nothing.jpg"));
    Path out = folder.resolve("out");

    assertThat(run("detect", folder, "--models", models, "--model", "beta", "--out", out)).isOne();
    assertThat(err.toString()).contains("gone.jpg");
    assertThat(out.resolve("cells-boxes.jpg")).isNotEmptyFile();
  }

  @Test
  void detect_ofAFolder_leavesOutWhatItDrewThereAndTellsOfOtherFiles() throws IOException {
    Files.write(folder.resolve("cells.png"), TestPhotos.as("png", 2));
    Files.write(folder.resolve("alone-boxes.jpg"), TestPhotos.cells());
    Files.writeString(folder.resolve("moving.gif"), "no photo");
    String[] arguments = {
      "detect", folder.toString(), "--models", models.toString(), "--model", "beta"
    };
    assertThat(run(arguments, "--out", folder)).isZero();
    assertThat(err.toString()).doesNotContain("drawings");
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);

    assertThat(run(arguments, "--out", folder)).isZero();

    assertThat(out.toString().lines().filter(line -> line.contains(" found in ")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith(folder + "/alone-boxes.jpg: "),
            line -> assertThat(line).startsWith(folder + "/cells.jpg: "),
            line -> assertThat(line).startsWith(folder + "/cells.png: "));
    assertThat(err.toString().lines())
        .containsExactly(
            folder + ": 1 files are not named as photos and left out",
            folder + ": 3 drawings of photos there, NAME-boxes.jpg, are left out");
  }

  @Test
  void folderWithoutPhotos_isRefused() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Files.writeString(empty.resolve("moving.gif"), "no photo");

    assertThat(run("detect", empty, "--models", models, "--model", "beta")).isEqualTo(2);
    assertThat(run("drift", empty, "--models", models, "--model", "beta")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            empty + ": 1 files are not named as photos and left out",
            "popsight: there is no photo in " + empty,
            "popsight: there is no photo in " + empty);
  }

  @Test
  void filesThatCannotBeWritten_areToldInALineEach_andWhatWasDoneIsPrinted() throws IOException {
    Path second = Files.write(folder.resolve("second.jpg"), TestPhotos.cells());
    Path pictures = folder.resolve("pictures");
    Files.createDirectories(pictures.resolve("second-boxes.jpg"));
    String[] arguments = {"--models", models.toString(), "--model", "beta"};

    assertThat(run("detect", photo, second, "--json", "--out", pictures, arguments)).isOne();
    assertThat(new JsonMapper().readTree(out.toString()).size()).isOne();
    assertThat(pictures.toFile().list()).containsOnly("cells-boxes.jpg", "second-boxes.jpg");
    assertThat(run("detect", photo, "--out", second, arguments)).isOne();
    assertThat(run("drift", second, arguments)).isOne();
    assertThat(run("inspect", models.resolve("beta.onnx"), "--picture", second + "/e.svg")).isOne();

    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("popsight: " + pictures),
            line -> assertThat(line).isEqualTo("popsight: " + second + " is no folder"),
            line -> assertThat(line).isEqualTo("popsight: " + second + " is no folder"),
            line -> assertThat(line).startsWith("popsight: " + second));
  }

  @Test
  void detect_answersTheOthersWhenOnePhotoIsBroken() throws IOException {
    byte[] cells = TestPhotos.cells();
    Path broken = Files.write(folder.resolve("a.jpg"), Arrays.copyOf(cells, 9_000));

    assertThat(run("detect", broken, photo, "--models", models, "--model", "beta", "--json"))
        .isOne();
    assertThat(new JsonMapper().readTree(out.toString()).size()).isOne();
    assertThat(err.toString()).contains("a.jpg", "cut off").doesNotContain("\tat ");
  }

  @Test
  void detect_backendsAgree() {
    String[] arguments = {
      "detect", photo.toString(), "--models", models.toString(), "--model", "beta"
    };
    run(arguments, "--json", "--backend", "onnx", "--min-score", "0");
    String onnx = new JsonMapper().readTree(out.toString()).get(0).get("detections").toString();
    out.getBuffer().setLength(0);
    run(arguments, "--json", "--backend", "popcount", "--min-score", "0");

    assertThat(new JsonMapper().readTree(out.toString()).get(0).get("detections").toString())
        .isEqualTo(onnx);
  }

  @Test
  void wrongUsage_isTwo() {
    assertThat(run("detect")).isEqualTo(2);
    assertThat(run("detect", folder.resolve("none.jpg"), "--models", models, "--model", "beta"))
        .isEqualTo(2);
    assertThat(run("detect", photo, "--models", models, "--model", "nobody")).isEqualTo(2);
    assertThat(run("detect", photo, "--models", models, "--model", "beta", "--iou", "7"))
        .isEqualTo(2);
    assertThat(run("detect", photo, "--models", models, "--model", "beta", "--backend", "abacus"))
        .isEqualTo(2);
    assertThat(run("serve", "--backend", "abacus")).isEqualTo(2);
    assertThat(err.toString()).contains("'nobody'", "iou must be in 0..1", "'abacus'");
  }

  @Test
  void inspect_showsLayersOrSaysWhatIsWrong() {
    assertThat(run("inspect", models.resolve("beta.onnx"), "--json")).isZero();
    JsonNode model = new JsonMapper().readTree(out.toString());
    assertThat(model.get("model").asString()).isEqualTo("beta");
    assertThat(model.get("layers").get(0).get("weight_bits").asInt()).isEqualTo(8);
    assertThat(model.at("/energy/tables/1/networks").size()).isEqualTo(8);
    assertThat(model.at("/totals/ms").asDouble()).isPositive();
    JsonNode stem = model.get("layers").get(0);
    assertThat(stem.get("kernel").asString()).matches("8-bit \\dx\\d of 3 to .*, fire");
    assertThat(stem.get("accumulates").asLong()).as("the stem multiplies").isZero();
    assertThat(model.get("layers").get(1).get("accumulates").asLong()).isPositive();
    assertThat(model.at("/totals/macs").asLong())
        .as("the heads' too")
        .isGreaterThan(
            model.get("layers").valueStream().mapToLong(l -> l.get("macs").asLong()).sum());
    assertThat(model.get("layers")).allMatch(layer -> layer.get("ms").asDouble() > 0);
    assertThat(model.get("steps").get(0).get("work").asString()).isEqualTo("bytes to floats");
    assertThat(model.get("steps").get(0).get("bytes").asLong()).isPositive();

    assertThat(run("inspect", models.resolve("gamma.onnx"))).isOne();
    assertThat(err.toString()).contains("gamma.onnx").doesNotContain("\tat ");
  }

  @Test
  void inspect_accountsForEnergy_asTableAndPicture() throws IOException {
    Path picture = models.resolve("energy.svg");

    int code = run("inspect", models.resolve("beta.onnx"), "--energy", "7nm", "--picture", picture);

    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("ISCA 2021", "BANN, a sum a spike", "SNN of 4 steps", "twin, float", "1.00x")
        .containsPattern("MACs +accumulates\n\\S+ .*% +[\\d,]+ +[\\d,]+\n");
    List<String> plan = out.toString().lines().filter(l -> l.matches(".* \\d+ %")).toList();
    assertThat(plan).isNotEmpty().allSatisfy(l -> assertThat(l).hasSameSizeAs(plan.getFirst()));
    assertThat(picture).content().startsWith("<svg").contains("adder network").endsWith("</svg>\n");
    assertThat(run("inspect", models.resolve("beta.onnx"), "--energy", "3nm")).isEqualTo(2);
    Path png = folder.resolve("energy.png");
    assertThat(run("inspect", models.resolve("beta.onnx"), "--picture", png)).isEqualTo(2);
    assertThat(png).doesNotExist();
    assertThat(err.toString()).contains(png + ": the picture is SVG; expected a name that ends");
  }

  @Test
  void inspect_ofFloatWeights_accountsForTheSameWork_onOnnxRuntime() throws IOException {
    Path integers = Path.of("../../models/popsight-cells.onnx");
    Path floats =
        Files.write(
            folder.resolve("floats.onnx"),
            TestModels.withFloatWeights(Files.readAllBytes(integers)));
    run("inspect", integers, "--json");
    JsonNode expected = new JsonMapper().readTree(out.toString());
    out.getBuffer().setLength(0);

    assertThat(run("inspect", floats, "--json")).as(err.toString()).isZero();
    JsonNode found = new JsonMapper().readTree(out.toString());

    for (int l = 0; l < expected.get("layers").size(); l++) {
      JsonNode layer = found.get("layers").get(l);
      JsonNode same = expected.get("layers").get(l);
      assertThat(layer.propertyNames()).containsExactlyElementsOf(same.propertyNames());
      for (String key : List.of("name", "shape", "spike_rate", "macs", "accumulates")) {
        assertThat(layer.get(key)).as(key).isEqualTo(same.get(key));
      }
      assertThat(layer.get("weight_bits").asInt()).isEqualTo(32);
      assertThat(layer.get("kernel").asString()).isEqualTo("onnx");
    }
    assertThat(found.propertyNames()).containsExactlyElementsOf(expected.propertyNames());
    assertThat(found.get("totals").propertyNames()).containsExactly("macs", "accumulates", "ms");
    assertThat(found.at("/totals/accumulates")).isEqualTo(expected.at("/totals/accumulates"));
    assertThat(found.at("/totals/ms").asDouble()).isPositive();
    assertThat(found.at("/energy/tables/0/networks/0/total_uj").asDouble())
        .isGreaterThan(expected.at("/energy/tables/0/networks/0/total_uj").asDouble());

    assertThat(run("inspect", floats)).isZero();
    assertThat(out.toString())
        .contains("float weights; only the onnx backend", "floats, a sum a spike", "ONNX Runtime")
        .containsPattern("stem +\\S+ float ")
        .doesNotContain("AND + popcount");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "serve", "detect", "inspect", "drift"})
  void version_isToldByEveryCommand(String command) {
    assertThat(command.isEmpty() ? run("-V") : run(command, "--version")).isZero();
    assertThat(out).hasToString("popsight " + Build.version() + System.lineSeparator());
  }

  @Test
  void lostOutput_isAFailure() {
    CommandLine line = Popsight.commandLine();
    PrintWriter lost = new PrintWriter(Writer.nullWriter());
    lost.close();
    line.setOut(lost).setErr(new PrintWriter(err, true));

    assertThat(line.execute("inspect", models.resolve("beta.onnx").toString())).isOne();
    assertThat(err.toString().lines()).containsExactly("popsight: the output could not be written");
  }

  private int run(String[] arguments, Object... more) {
    return run(Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray());
  }

  private int run(Object... arguments) {
    CommandLine line = Popsight.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(
        Arrays.stream(arguments)
            .flatMap(a -> a instanceof String[] several ? Arrays.stream(several) : Stream.of(a))
            .map(Object::toString)
            .toArray(String[]::new));
  }
}
