package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A run's file, its defaults and what replaces its keys; the photos that it names are not read. */
class TrainConfigTest {

  private static final String LONG =
      "a123456789a123456789a123456789a123456789a123456789"
          + "a123456789a123456789a123456789a123456789a123456789a";

  @TempDir private Path folder = Path.of("");
  private final Path data = Path.of("squares");

  @Test
  void unknownKey_isRefusedWithTheNearestKnownOne() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    assertThatThrownBy(() -> ConfigFile.read(config, List.of("learningrate=1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown key 'learningrate'")
        .hasMessageContaining("did you mean 'learningRate'?");
    assertThatThrownBy(() -> ConfigFile.read(config, List.of("augment.mosiac=1")))
        .hasMessageContaining("'augment.mosiac'")
        .hasMessageContaining("did you mean 'mosaic'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "netwrk.kind=vgg        | unknown key 'netwrk'; did you mean 'network'? Known here: about,",
        "data.splitt=x          | unknown key 'data.splitt'. Known here: dir, format, train, validate",
        "epochs=three           | squares.yaml: epochs: \"three\"; it takes a whole number",
        "epochs=2.9             | squares.yaml: epochs: 2.9; it takes a whole number",
        "seed=1.5               | seed: 1.5; it takes a whole number",
        "network.neck=32.5      | network.neck: 32.5; it takes a whole number",
        "network.spike.steps=2.5 | network.spike.steps: 2.5; it takes a whole number",
        "network.units=[1,1.5,1,1] | network.units: [1,1.5,1,1]; it takes a whole number",
        "epochs=                | epochs: \"\"; it takes a whole number",
        "hoyer=much             | hoyer: \"much\"; it takes a number",
        "calibrate=perhaps      | calibrate: \"perhaps\"; it takes true or false",
        "data=photos            | data: \"photos\"; it takes keys of its own",
        "freeze=stem            | freeze: \"stem\"; it takes a list such as [a, b]",
        "freeze=[*]             | patterns with * are quoted",
        "task=detect            | task: \"detect\"; it takes one of detection, classification",
        "network.kind=net       | squares.yaml: network.kind 'net'; there are vgg, residual, mobile",
        "network.weightBits=3   | network.weightBits: weight bits '3'; 1, 2, 4, 8 or float",
        "network.spike.window=0 | squares.yaml: network.spike.window 0.0; above 0",
        "hoyer=-1               | hoyer -1.0; 0 or more",
        "average=1              | average 1.0; 0 to below 1",
        "mosaicUntil=7          | mosaicUntil 7.0; 0 to 1",
        "evaluateEvery=-1       | evaluateEvery -1; 0 or more",
        "threads=-1             | threads -1; 0 or more",
        "backend=cuda           | backend 'cuda'; onnx or popcount",
        "augment.mosaic=3       | augment.mosaic 3.0; 0 to 1",
        "version=1.0 beta       | version '1.0 beta': up to 100 letters, digits,",
        "name=" + LONG + " | up to 100 letters, digits,",
        "augment.scale=1        | augment.scale 1.0 leaves nothing",
      })
  void valueThatCannotBe_isRefusedWithItsKey(String override, String told) throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    assertThatThrownBy(() -> ConfigFile.read(config, List.of(override)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(told);
  }

  @Test
  void fractionInTheFile_isNoWholeNumber() throws IOException {
    Path own = Files.writeString(folder.resolve("own.yaml"), "data: {dir: x}\nbatch: 4.5\n");

    assertThatThrownBy(() -> ConfigFile.read(own, List.of()))
        .hasMessage("own.yaml: batch: 4.5; it takes a whole number");
  }

  @Test
  void fileThatIsNoYaml_isRefusedWithItsLine() throws IOException {
    Path twice = Files.writeString(folder.resolve("twice.yaml"), "epochs: 1\nepochs: 2\n");
    Path broken = Files.writeString(folder.resolve("broken.yaml"), "data: {dir: x}\nepochs 2\n");

    assertThatThrownBy(() -> ConfigFile.read(twice, List.of()))
        .hasMessageMatching(".*twice.yaml: line 2: the key \"epochs\" stands there twice");
    assertThatThrownBy(() -> ConfigFile.read(broken, List.of()))
        .hasMessageMatching(".*broken.yaml: line 2: .*could not find expected ':'");
  }

  @Test
  void everyKey_isDocumentedWithItsDefault_andTenLinesAreEnough() throws IOException {
    Path own = folder.resolve("my-photos.yaml");
    Files.writeString(own, "data: {dir: elsewhere}\nnetwork: {neck: 32}\n");

    TrainConfig read = ConfigFile.read(own, List.of());

    assertThat(read.name()).isEqualTo("my-photos");
    assertThat(read.network().neck()).isEqualTo(32);
    assertThat(keys(TrainConfig.keys())).containsExactlyElementsOf(keys(ConfigFile.yaml(read)));
    assertThat(TrainConfig.keys().lines().skip(1))
        .allMatch(line -> line.contains("# ") || line.matches("[a-z]+:"));
    assertThatThrownBy(() -> ConfigFile.read(own, List.of("data.dir=")))
        .hasMessageContaining("data.dir: the folder of the photos is not given");
    assertThatThrownBy(() -> ConfigFile.read(own, List.of("inputWidth=100")))
        .hasMessageContaining("inputWidth 100 must be multiples of 32");
  }

  @Test
  void preset_isTheSizeToStartFrom_andOwnKeysStand() throws IOException {
    Path own = folder.resolve("small.yaml");
    Files.writeString(own, "data: {dir: elsewhere}\npreset: nano\nnetwork: {neck: 48}\n");

    assertThat(ConfigFile.read(own, List.of()).network().widths())
        .containsExactly(16, 32, 64, 96, 128);
    assertThat(ConfigFile.read(own, List.of()).network().neck()).isEqualTo(48);
    assertThat(ConfigFile.read(own, List.of("preset=m")).network().units())
        .containsExactly(1, 3, 3, 2);
    assertThat(ConfigFile.read(own, List.of("preset=s", "network.neck=96")).network())
        .isEqualTo(ConfigFile.read(own, List.of("preset=", "network.neck=96")).network());
    assertThatThrownBy(() -> ConfigFile.read(own, List.of("preset=xl")))
        .hasMessageContaining("preset 'xl'; there are nano, s, m");
  }

  /** Names of the keys, sorted, with dots. */
  private static List<String> keys(String yaml) {
    List<String> keys = new ArrayList<>();
    new YAMLMapper()
        .readTree(yaml)
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isObject()) {
                entry.getValue().propertyNames().forEach(k -> keys.add(entry.getKey() + "." + k));
              } else {
                keys.add(entry.getKey());
              }
            });
    return keys.stream().sorted().toList();
  }

  @Test
  void override_replacesANestedKey() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    TrainConfig read = ConfigFile.read(config, List.of("augment.mosaic=0.75", "epochs=9"));

    assertThat(read.augment().mosaic()).isEqualTo(0.75);
    assertThat(read.epochs()).isEqualTo(9);
  }

  @Test
  void emptyOverride_takesAKeyBack() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    assertThat(ConfigFile.read(config, List.of("from=elsewhere", "from=")).from()).isEmpty();
  }

  @Test
  void keysThatTheTaskHasNoUseFor_areRefused() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);

    assertThatThrownBy(
            () -> ConfigFile.read(config, List.of("task=classification", "augment.scale=0.7")))
        .hasMessageContaining("scale goes up to 0.5");
    assertThatThrownBy(() -> ConfigFile.read(config, List.of("network.stemStride=1")))
        .hasMessageContaining("network.stemStride 1; detection has 2");
  }

  @Test
  void keysThatAResumedRunWasStartedWithout_areTold() throws IOException {
    Path config = SquaresFolder.config(folder.resolve("squares.yaml"), data, 1);
    Path started = folder.resolve("started.yaml");
    TrainConfig same = ConfigFile.read(config, List.of("augment.scale=0.25"));
    Files.writeString(started, ConfigFile.yaml(same));

    assertThat(ConfigFile.changes(started, same)).isEmpty();
    assertThat(
            ConfigFile.changes(
                started,
                ConfigFile.read(
                    config,
                    List.of("augment.scale=0.25", "epochs=9", "hoyer=3", "augment.mosaic=1"))))
        .satisfiesExactlyInAnyOrder(
            epochs -> assertThat(epochs).isEqualTo("epochs: 9, was 1"),
            hoyer -> assertThat(hoyer).startsWith("hoyer: 3.0, was 0."),
            mosaic -> assertThat(mosaic).startsWith("augment.mosaic: 1.0, was 0."));
  }
}
