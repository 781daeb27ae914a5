package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.backend.Helpers;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.TestModels;
import io.popsight.service.model.RefusedFile.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose own backend lacks its library is there for the others, and told of. */
class BrokenBackendTest {

  private static final Optional<String> DEFAULT = Optional.empty();

  @TempDir private Path folder;

  /** What the backend of {@code a} lacks. */
  private final AtomicBoolean library = new AtomicBoolean();

  private final List<String> warm = new CopyOnWriteArrayList<>();

  @Test
  void modelWhoseBackendLacksItsLibrary_harmsNoOther() throws IOException {
    put("a");
    put("b");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();

      assertThat(warm).containsExactly("b");
      assertToldOfA(models);
      try (ModelLease lease = models.lease(Optional.of("a"), DEFAULT, Optional.of("onnx"))) {
        assertThat(lease.model().metadata().name()).isEqualTo("a");
      }
      assertThatThrownBy(() -> models.load("a"))
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("no library");
    }
  }

  @Test
  void modelThatComesWithoutItsBackendsLibrary_isToldOfUntilItRuns() throws IOException {
    put("b");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();
      put("a");
      assertThatThrownBy(() -> models.load("a"))
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("no library");
      assertToldOfA(models);

      library.set(true);
      models.load("a");
      assertThat(models.refused()).isEmpty();
    }
  }

  @Test
  void unloadedModel_isUnloadedAlone() throws IOException {
    put("a");
    put("b");
    try (ModelRegistry models = open()) {
      models.awaitLoaded();

      models.unload("a");

      assertThat(models.refused()).isEmpty();
      assertThat(states(models)).containsExactly(IndexEntry.State.UNLOADED);
    }
  }

  /** As an alarm and a caller see it. */
  private static void assertToldOfA(ModelRegistry models) {
    assertThat(models.names()).containsExactly("a", "b");
    assertThat(models.refused())
        .singleElement()
        .satisfies(
            refused -> {
              assertThat(refused.file()).isEqualTo("a.onnx");
              assertThat(refused.fault()).isEqualTo(Fault.UNSUPPORTED);
              assertThat(refused.reason()).contains("no library");
            });
    assertThat(states(models)).containsExactly(IndexEntry.State.READY);
  }

  private static List<IndexEntry.State> states(ModelRegistry models) {
    return models.index().stream()
        .filter(entry -> entry.name().equals("a"))
        .map(IndexEntry::state)
        .toList();
  }

  private void put(String name) throws IOException {
    Files.write(folder.resolve(name + ".onnx"), TestModels.named(name, "1", 7));
  }

  private ModelRegistry open() {
    ModelLoader loader =
        ModelLoader.of("popcount", List.of(), Helpers.NONE, this::warmUp, Optional.empty());
    return ModelRegistry.open(new ModelFolder(folder), loader, "b", Duration.ZERO);
  }

  private void warmUp(ServedModel served) {
    if (served.metadata().name().equals("a") && !library.get()) {
      throw new ExceptionInInitializerError("no library");
    }
    warm.add(served.metadata().name());
  }
}
