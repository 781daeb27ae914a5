package io.popsight.service.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.service.Popsight;
import io.popsight.service.detect.PhotoAnswer.SpikeRate;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DriftStudyTest {

  private static final String PHOTOS = "src/test/resources/cells";

  @Test
  void auc_countsPairsAndTies() {
    assertThat(DriftStudy.auc(new double[] {2, 3}, new double[] {1, 1})).isEqualTo(1);
    assertThat(DriftStudy.auc(new double[] {1, 1}, new double[] {1, 1})).isEqualTo(0.5);
    assertThat(DriftStudy.auc(new double[] {0, 2}, new double[] {1, 1})).isEqualTo(0.5);
  }

  /** Photos that vary much more than the mean is shifted: one photo tells little, fifty tell. */
  @Test
  void window_tellsWhatOnePhotoDoesNot() {
    DriftStudy study = new DriftStudy(photos(0.20, 1), 50, new Random(3));

    DriftStudy.Row shifted = study.of("shifted", photos(0.23, 2), 0.1);

    assertThat(shifted.aucOne()).isLessThan(0.7);
    assertThat(shifted.auc()).isGreaterThan(0.95);
    assertThat(shifted.median()).isCloseTo(0.15, within(0.03));
    assertThat(shifted.alarms()).isGreaterThan(0.9);
    assertThat(study.clean(0.1).alarms()).isLessThan(0.05);
    assertThat(study.clean(0.1).auc()).isEqualTo(0.5);
  }

  @Test
  void drift_seesADarkenedMicroscope() {
    StringWriter out = new StringWriter();
    CommandLine line = Popsight.commandLine().setOut(new PrintWriter(out));

    assertThat(
            line.execute(
                "drift", PHOTOS, "--models", "../../models", "--model", "popsight-cells", "--json"))
        .isZero();

    JsonNode rows = new JsonMapper().readTree(out.toString()).get("rows");
    assertThat(rows.valueStream().map(row -> row.get("condition").asString()))
        .containsExactly("clean", "blur", "noise", "dark", "jpeg", "upside down");
    assertThat(rows.get(3).get("auc").asDouble()).isEqualTo(1);
    assertThat(rows.get(3).get("median").asDouble())
        .isGreaterThan(3 * rows.get(0).get("median").asDouble());
  }

  @Test
  void fileThatIsNoPhoto_isNamedAndLeftOut(@TempDir Path folder) throws IOException {
    Files.copy(Path.of(PHOTOS, "BloodImage_00000.jpg"), folder.resolve("a.jpg"));
    Files.writeString(folder.resolve("b.jpg"), "words");
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    CommandLine line =
        Popsight.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
    String[] drift = {
      "drift", folder.toString(), "--models", "../../models", "--model", "popsight-cells", "--json"
    };

    assertThat(line.execute(drift)).isZero();

    JsonNode clean = new JsonMapper().readTree(out.toString()).get("rows").get(0);
    assertThat(clean.get("photos").asInt()).isEqualTo(1);
    assertThat(errors.toString()).containsOnlyOnce("b.jpg is left out: this is no photo");
  }

  @Test
  void windowOfNoPhotos_isRefused() {
    StringWriter errors = new StringWriter();
    CommandLine line = Popsight.commandLine().setErr(new PrintWriter(errors));

    assertThat(line.execute("drift", PHOTOS, "--models", "../../models", "--window", "0"))
        .isEqualTo(2);
    assertThat(errors.toString())
        .isEqualToIgnoringNewLines("popsight: --window and --photos must be 1 or more");
  }

  private static List<List<SpikeRate>> photos(double mean, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, 300)
        .mapToObj(
            i -> List.of(new SpikeRate("layer", mean * (1 + 0.2 * random.nextGaussian()), 0.20)))
        .toList();
  }
}
