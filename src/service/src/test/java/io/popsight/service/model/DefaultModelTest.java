package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.backend.Helpers;
import io.popsight.service.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

final class DefaultModelTest {

  private static final Optional<String> UNNAMED = Optional.empty();

  @TempDir private Path folder;

  @Test
  void whereItNeverWas_theFirstAnswers() throws IOException {
    write("b");
    write("c");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();

      assertThat(answering(models)).isEqualTo("b");
      write("usual");
      models.load("usual");
      assertThat(answering(models)).isEqualTo("usual");
    }
  }

  @Test
  void unloaded_isNotStoodInFor() throws IOException {
    write("b");
    write("usual");
    try (ModelRegistry models = open()) {
      models.unload("usual");

      assertThatThrownBy(() -> answering(models))
          .isInstanceOf(UnknownModelException.class)
          .hasMessageContaining("'usual'");
      assertThat(models.listed()).extracting(ListedModel::isDefault).containsExactly(false);
      models.load("usual");
      assertThat(answering(models)).isEqualTo("usual");
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void removed_isNotStoodInForButMissedInTheLog(CapturedOutput log) throws Exception {
    write("b");
    Path file = write("usual");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();
      CompletableFuture<Void> gone = new CompletableFuture<>();
      models.onChange(
          () -> {
            if (!models.names().contains("usual")) {
              gone.complete(null);
            }
          });
      models.follow();
      Files.delete(file);
      gone.get(60, TimeUnit.SECONDS);

      assertThatThrownBy(() -> answering(models)).isInstanceOf(UnknownModelException.class);
      assertThat(said(log))
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains("ERROR", "'usual' does not serve; requests that name no model are refused");
      write("c");
      models.load("c");
      assertThat(said(log)).as("once").hasSize(1);
      write("usual");
      models.load("usual");
      assertThat(said(log)).last(InstanceOfAssertFactories.STRING).endsWith("'usual' is there");
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void replacedInItsOwnFile_isNotStoodInFor(CapturedOutput log) throws IOException {
    write("b");
    Path file = write("usual");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();
      Files.write(file, TestModels.named("mine", "1", 8));
      models.load("usual");

      assertThat(models.names()).containsExactly("b", "mine");
      assertThat(said(log)).anyMatch(line -> line.contains("'usual' does not serve"));
      assertThatThrownBy(() -> answering(models)).isInstanceOf(UnknownModelException.class);
    }
  }

  @Test
  void refusedAtStart_isNotStoodInFor() throws IOException {
    write("b");
    Files.writeString(folder.resolve("usual.onnx"), "no model");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();

      assertThatThrownBy(() -> answering(models)).isInstanceOf(UnknownModelException.class);
      write("usual");
      models.load("usual");
      assertThat(answering(models)).isEqualTo("usual");
    }
  }

  private static List<String> said(CapturedOutput log) {
    return log.getAll().lines().filter(line -> line.contains("popsight.default-model: ")).toList();
  }

  private Path write(String name) throws IOException {
    return Files.write(folder.resolve(name + ".onnx"), TestModels.named(name, "1", 7));
  }

  private ModelRegistry open() {
    ModelLoader loader =
        ModelLoader.of("popcount", List.of(), Helpers.NONE, served -> {}, Optional.empty());
    return ModelRegistry.open(new ModelFolder(folder), loader, "usual", Duration.ofMillis(10));
  }

  private static String answering(ModelRegistry models) {
    try (ModelLease lease = models.lease(UNNAMED, UNNAMED, UNNAMED)) {
      return lease.model().metadata().name();
    }
  }
}
