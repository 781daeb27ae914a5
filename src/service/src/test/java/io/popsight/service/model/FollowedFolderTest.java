package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.Helpers;
import io.popsight.model.RandomModels;
import io.popsight.service.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What comes to a folder that is followed, and what goes. */
class FollowedFolderTest {

  private static final Duration SOON = Duration.ofMillis(20);

  @TempDir private Path folder;

  @Test
  void movedFile_serves_andATwinTakesThePlaceOfOneThatGoes() throws Exception {
    Path file = Files.write(folder.resolve("a.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open(folder, List.of(), _ -> {})) {
      models.awaitLoaded();
      models.follow();
      Path moved = Files.createDirectory(folder.resolve("random")).resolve("1.onnx");
      Files.move(file, moved);
      Thread.sleep(SOON.multipliedBy(50)); // long enough to see the one come and the other go
      assertThat(models.refused()).isEmpty();
      assertThat(models.names()).containsExactly("random");

      Files.write(folder.resolve("b.onnx"), RandomModels.file(7));
      await(() -> !models.refused().isEmpty());
      Files.delete(moved);
      await(() -> models.refused().isEmpty());
      await(() -> !models.names().isEmpty());
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void settingsOfNoModel_areWarnedOfAfterEachChange(CapturedOutput log) throws Exception {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    Files.writeString(folder.resolve("broken.onnx"), "no model");
    List<ModelSettings> settings =
        Stream.of("nix", "random", "broken").map(ModelSettings::none).toList();
    try (ModelRegistry models = open(folder, settings, _ -> {})) {
      models.awaitLoaded();
      assertThat(warnings(log))
          .singleElement(InstanceOfAssertFactories.STRING)
          .endsWith("popsight.per-model (nix): there is no such model; there are broken, random");
      models.follow();

      Files.delete(folder.resolve("broken.onnx"));
      await(() -> warnings(log).size() > 2);

      assertThat(warnings(log).subList(1, 3))
          .satisfiesExactly(
              nix -> assertThat(nix).endsWith("(nix): there is no such model; there are random"),
              broken -> assertThat(broken).contains("popsight.per-model (broken): "));
      Thread.sleep(200);
      assertThat(warnings(log)).as("once a change").hasSize(3);
    }
  }

  @Test
  void versionThatBecomesTheNewest_isMadeReadyFirst() throws Exception {
    Files.write(folder.resolve("a.onnx"), TestModels.named("random", "2", 7));
    Path newest = Files.write(folder.resolve("b.onnx"), TestModels.named("random", "3", 7));
    List<String> warm = new CopyOnWriteArrayList<>();
    try (ModelRegistry models =
        open(folder, List.of(), served -> warm.add(served.metadata().version()))) {
      models.awaitLoaded();
      models.follow();

      Files.write(newest, TestModels.named("random", "1", 7));
      await(() -> models.index().stream().anyMatch(e -> e.version().equals("1")));

      assertThat(warm).containsExactly("3", "2");

      Files.write(newest, TestModels.named("random", "0", 7));
      await(() -> models.index().stream().anyMatch(e -> e.version().equals("0")));
      assertThat(warm).as("what answers is warm already").containsExactly("3", "2");

      Files.write(folder.resolve("a.onnx"), TestModels.named("other", "7", 7));
      await(() -> models.names().contains("other"));
      assertThat(warm).as("another model in its place").containsExactly("3", "2", "7", "0");
    }
  }

  @Test
  void folderIsFollowed_evenIfMemoryIsLacking() throws Exception {
    Files.write(folder.resolve("old.onnx"), TestModels.named("random", "1", 7));
    Path newest = Files.write(folder.resolve("new.onnx"), TestModels.named("random", "2", 7));
    Consumer<ServedModel> warmUp =
        served -> {
          if (served.metadata().version().equals("1")) {
            throw new OutOfMemoryError("made up");
          }
        };
    try (ModelRegistry models = open(folder, List.of(), warmUp)) {
      models.awaitLoaded();
      models.follow();

      Files.delete(newest);
      await(() -> models.index().size() == 1);
      Files.write(folder.resolve("a.onnx"), TestModels.named("a", "2", 7));

      await(() -> models.names().contains("a"));
    }
  }

  /** Links in a circle can be listed and not looked into, by no user whatsoever. */
  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void filesThatCannotBeLookedAt_haveNotGone(CapturedOutput log) throws Exception {
    Path release = Files.createDirectory(folder.resolve(".release"));
    Files.write(release.resolve("1.onnx"), RandomModels.file(7));
    Path name = Files.createSymbolicLink(folder.resolve("random"), release);
    Files.write(folder.resolve("b.onnx"), TestModels.named("b", "1", 8));
    Files.createSymbolicLink(folder.resolve("stray.onnx"), Path.of("stray.onnx"));
    try (ModelRegistry models = open(folder, List.of(), _ -> {})) {
      models.awaitLoaded();
      models.follow();
      moveLink(Path.of("random"), name);
      await(() -> count(log, "what serves goes on") > 0);
      Thread.sleep(200); // long enough for what is gone to be taken for gone
      assertThat(models.names()).containsExactly("b", "random");

      moveLink(release, name);
      Files.delete(folder.resolve("b.onnx"));
      await(() -> !models.names().contains("b"));
      assertThat(models.names()).as("a stray link hinders nobody").containsExactly("random");
      Files.delete(name);
      await(() -> models.names().isEmpty());
    }
  }

  /** At once, so that no look finds neither. */
  private void moveLink(Path target, Path link) throws IOException {
    Path beside = Files.createSymbolicLink(folder.resolve(".beside"), target);
    Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void folderThatCannotBeFollowed_isToldOnce(CapturedOutput log) throws Exception {
    Path models = Files.createDirectory(folder.resolve("models"));
    Files.write(models.resolve("random.onnx"), RandomModels.file(7));
    try (ModelRegistry served = open(models, List.of(), _ -> {})) {
      served.awaitLoaded();
      served.follow();
      for (int time = 1; time <= 2; time++) {
        int told = time;
        Path away = Files.move(models, folder.resolve("away"));
        await(() -> count(log, "there is no folder " + models) == told);
        Thread.sleep(200); // some more looks
        Files.move(away, models);
        await(() -> count(log, models + " can be followed again") == told);
        assertThat(count(log, "there is no folder " + models)).isEqualTo(told);
      }
      assertThat(served.names()).containsExactly("random");
    }
  }

  private static long count(CapturedOutput log, String part) {
    return log.getAll().lines().filter(line -> line.contains(part)).count();
  }

  private static void await(BooleanSupplier reached) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static List<String> warnings(CapturedOutput log) {
    return log.getAll().lines().filter(line -> line.contains("popsight.per-model (")).toList();
  }

  private static ModelRegistry open(
      Path folder, List<ModelSettings> settings, Consumer<ServedModel> warmUp) {
    ModelLoader loader =
        ModelLoader.of("popcount", settings, Helpers.NONE, warmUp, Optional.empty());
    return ModelRegistry.open(new ModelFolder(folder), loader, "random", SOON);
  }
}
