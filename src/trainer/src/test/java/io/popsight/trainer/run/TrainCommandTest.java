package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.popsight.command.CommandEnd;
import io.popsight.imaging.PhotoFolder;
import io.popsight.model.ModelFile;
import io.popsight.trainer.tensor.Tensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Trainings from a configuration file to a model file. */
class TrainCommandTest {

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path data = Path.of("");

  @BeforeAll
  static void makeData() throws IOException {
    data = SquaresFolder.make(shared.resolve("squares"), 16);
  }

  @Test
  void train_learnsSquares_andTellsFiguresInTheFile() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 80);

    String out = train(config.toString(), "--out", folder.resolve("a run").toString());

    assertThat(out).startsWith(folder.resolve("a run/squares.onnx") + ": mAP50 ");
    ModelFile file = ModelFile.read(folder.resolve("a run/squares.onnx"));
    assertThat(file.metadata().labels()).containsExactly("green", "red");
    assertThat(file.metadata().training().map50()).isGreaterThan(0.6);
    assertThat(file.metadata().spikeLayers())
        .allSatisfy(layer -> assertThat(layer.trainingRate()).isBetween(0.001, 0.6));
    List<String> log = Files.readAllLines(folder.resolve("a run/metrics.jsonl"));
    assertThat(log).hasSize(83);
    assertThat(log.getFirst())
        .contains("learning_rate", "\"layer\":\"stem\"", "threshold", "\"waited_s\"");
    assertThat(log.get(80)).contains("exported", "map50_on_training_photos");
    assertThat(log.get(81)).contains("\"margins\":[{\"name\":\"stem\"", "flips", "histogram");
    assertThat(log.getLast()).contains("calibration_error", "\"min_score\":0.3");
    assertThat(file.metadata().minScore()).isEqualTo(0.3f);
    assertThat(folder.resolve("a run/report.html"))
        .content()
        .contains("of split val, 16 of which are learned from, too")
        .contains("<h1>squares 1</h1>", "data:image/png;base64,", "<th>green</th>", "square0")
        .doesNotContain("{{", "src=\"http", "href=", ">NaN");
    assertThat(folder.resolve("a run/plots"))
        .isDirectoryContaining("glob:**/loss.png")
        .isDirectoryContaining("glob:**/spike-rates.png")
        .isDirectoryContaining("glob:**/margins.png")
        .isDirectoryContaining("glob:**/precision-recall.png");
    assertThat(folder.resolve("a run/squares.md"))
        .content()
        .contains("# squares, version 1", "Squares for a test.", "| green |", "    1  ")
        .contains("--model '" + folder.resolve("a run/squares.onnx") + "'")
        .contains("./popsight train '" + folder.resolve("a run/config.yaml") + "'")
        .contains("16 photos of `val`, 16 of which are learned from, too, so that the figures")
        .doesNotContain("NaN", "null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"network.twin=true", "network.spike.signs=true", "network.spike.steps=2"})
  void networksToCompareWith_areTrainedAndMeasured(String override) throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 2);

    String out = train(config.toString(), "--out", folder.resolve("run").toString(), override);

    assertThat(out).contains("squares.onnx: mAP50 ");
    assertThat(ModelFile.read(folder.resolve("run/squares.onnx")).metadata().spikeLayers())
        .allSatisfy(layer -> assertThat(layer.trainingRate()).isBetween(0.0, 1.0));
    // Two epochs, the choice, the scores; and what stands before thresholds, where there are any.
    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl")))
        .hasSize(override.contains("twin") ? 4 : 5);
  }

  @Test
  void teacher_isLearnedFrom_andItsSizeIsChecked() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 2);
    String teacher = "teacher=" + folder.resolve("twin/squares.onnx");
    train(config.toString(), "--out", folder.resolve("twin").toString(), "network.twin=true");

    String out =
        train(
            config.toString(),
            "--out",
            folder.resolve("taught").toString(),
            teacher,
            "assigner=centre",
            "boxOverlap=ciou");

    assertThat(out).contains("squares.onnx: mAP50 ");
    TrainConfig larger = ConfigFile.read(config, List.of(teacher, "inputWidth=128"));
    TrainingRun run = new TrainingRun(larger, folder.resolve("larger"), "none", false, p -> {});
    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress("larger", run.steps())) {
      assertThatThrownBy(() -> run.run(interruption, progress))
          .hasMessageContaining("sees 64x96 pixels");
    }
  }

  @Test
  void secondPhase_takesOverWeightsOfAnotherWidth_andFrozenLayersStay() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    String first = folder.resolve("activations").toString();
    String second = folder.resolve("weights").toString();
    train(config.toString(), "--out", first, "network.weightBits=8");

    train(config.toString(), "--out", second, "from=" + first + "/checkpoint.pt", "freeze=[s*]");

    float[] learnt = saved(first, "average/stage1/unit1/weight");
    assertThat(signs(saved(second, "stage1/unit1/binary"))).isEqualTo(signs(learnt));
    assertThat(saved(second, "stage1/unit1/beta"))
        .isEqualTo(saved(first, "average/stage1/unit1/beta"));
    for (String name :
        List.of("stage1/unit1/mean", "stage1/unit1/variance", "stage1/out/extremum")) {
      assertThat(saved(second, name)).isEqualTo(saved(first, name));
    }
    assertThat(saved(second, "neck8/beta")).isNotEqualTo(saved(first, "average/neck8/beta"));
    assertThat(deviation(saved(second, "stage1/unit1/binary"))).isCloseTo(0.05, within(0.01));
  }

  @Test
  void classification_learnsColours_andTellsItsAccuracy() throws IOException {
    Path colours = folder.resolve("colours");
    for (Path photo : new PhotoFolder(data.resolve("JPEGImages")).photos()) {
      String name = String.valueOf(photo.getFileName());
      String label = name.matches(".*[02468]\\.jpg") ? "red" : "green";
      Path copy = colours.resolve("all").resolve(label).resolve(name);
      Files.createDirectories(copy.resolveSibling(""));
      Files.copy(photo, copy);
    }
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), colours, 30);

    String out =
        train(
            config.toString(),
            "--out",
            folder.resolve("run").toString(),
            "task=classification",
            "data.format=auto",
            "data.train=all",
            "data.validate=all",
            "network.stemStride=1");

    assertThat(out).contains("squares.onnx: accuracy 1.0000, mAP50 1.0000");
    assertThat(ModelFile.read(folder.resolve("run/squares.onnx")).metadata().classifies()).isTrue();
    assertThat(folder.resolve("run/squares.md")).content().contains("accuracy **1.0000**");
  }

  @Test
  void presets_areToldWithTheirSizes() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("mine.yaml"), "data: {format: voc, dir: %s}".formatted(data));

    assertThat(train(config.toString(), "--presets").lines())
        .hasSize(3)
        .anyMatch(line -> line.matches("nano +56\\d,.*0\\.6 MB.* 34\\d million .* a photo"));
  }

  @Test
  void folderThatHoldsARun_isReplacedOnlyWhenAsked() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 2);
    String run = folder.resolve("run").toString();
    train(config.toString(), "--out", run);
    byte[] history = Files.readAllBytes(folder.resolve("run/metrics.jsonl"));

    assertThat(refused(config.toString(), "--out", run, "epochs=1"))
        .contains("holds a run. --resume goes on with it");
    assertThat(folder.resolve("run/metrics.jsonl")).hasBinaryContent(history);
    train(config.toString(), "--out", run, "--replace", "epochs=1");
    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl")))
        .filteredOn(line -> line.contains("\"epoch\""))
        .hasSize(1);
  }

  @Test
  void preview_writesSamplesWithTheirBoxes() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    String out =
        train(config.toString(), "--preview", "20", "--out", folder.resolve("run").toString());

    assertThat(out).startsWith("20 samples in ");
    assertThat(folder.resolve("run/preview/sample-020.jpg")).isNotEmptyFile();
    assertThat(folder.resolve("run/preview/sample-021.jpg")).doesNotExist();
    assertThat(folder.resolve("run/squares.onnx")).doesNotExist();
    train(config.toString(), "--preview", "2", "--out", folder.resolve("run").toString());
    assertThat(folder.resolve("run/preview/sample-002.jpg")).isNotEmptyFile();
    assertThat(folder.resolve("run/preview/sample-003.jpg")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3"})
  void previewOfNothing_isRefused(String samples) throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    Path run = folder.resolve("run");

    assertThat(refused(config.toString(), "--out", run.toString(), "--preview", samples))
        .contains("--preview must be at least 1, got " + samples);
    assertThat(run).doesNotExist();
  }

  @Test
  void cudaWithoutACard_saysWhatIsMissing() throws IOException {
    assumeFalse(torch.cuda_is_available(), "there is a card");
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    TrainConfig cuda = ConfigFile.read(config, List.of("device=cuda"));

    assertThatThrownBy(() -> new TrainingRun(cuda, folder.resolve("run"), "none", false, p -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("device: cuda needs an NVIDIA card");
  }

  @Test
  void photoThatVanishes_isNamed() throws IOException {
    Path vanishing = SquaresFolder.make(folder.resolve("vanishing"), 4);
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), vanishing, 1);
    TrainingRun run =
        new TrainingRun(
            ConfigFile.read(config, List.of()), folder.resolve("run"), "none", false, p -> {});
    Files.delete(vanishing.resolve("JPEGImages/square02.jpg"));

    try (Interruption interruption = new Interruption("");
        Progress progress = new Progress("vanishing", run.steps())) {
      assertThatThrownBy(() -> run.run(interruption, progress))
          .hasMessageContaining("square02.jpg");
    }
  }

  @Test
  void thresholdOfZero_isChosenOnTheValidationPhotos() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 2);

    train(config.toString(), "--out", folder.resolve("run").toString(), "minScore=0");

    assertThat(ModelFile.read(folder.resolve("run/squares.onnx")).metadata().minScore())
        .isBetween(0.01f, 0.99f);
  }

  private static String train(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new TrainCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
  }

  /** What is told of wrong usage. */
  private static String refused(String... arguments) {
    StringWriter err = new StringWriter();
    int code =
        CommandEnd.of(new CommandLine(new TrainCommand()), _ -> false)
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertThat(code).as(err.toString()).isEqualTo(2);
    return err.toString();
  }

  private static float[] saved(String run, String key) {
    try (PointerScope _ = new PointerScope()) {
      InputArchive archive = new InputArchive();
      archive.load_from(run + "/checkpoint.pt");
      Tensor tensor = new Tensor();
      archive.read(key, tensor);
      return Tensors.toArray(tensor);
    }
  }

  private static List<Boolean> signs(float[] values) {
    List<Boolean> signs = new ArrayList<>();
    for (float value : values) {
      signs.add(value >= 0);
    }
    return signs;
  }

  private static double deviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += value * value;
    }
    return Math.sqrt(squares / values.length);
  }
}
