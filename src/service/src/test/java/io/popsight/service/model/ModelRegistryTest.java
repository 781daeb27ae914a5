package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import io.popsight.backend.Helpers;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import io.popsight.service.TestModels;
import io.popsight.service.model.RefusedFile.Fault;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {

  private static final Optional<String> DEFAULT = Optional.empty();

  @TempDir private Path folder;

  @Test
  void modelOutsideTheSubset_isLeftToTheOtherBackends() throws IOException {
    Files.write(folder.resolve("foreign.onnx"), foreign());

    try (ModelRegistry models = open("popcount")) {
      assertThatThrownBy(models::awaitLoaded)
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("popsight.backend: 'popcount' can run no model");
    }
    try (ModelRegistry models = open("onnx")) {
      assertThat(models.ready()).hasSize(1);
      assertThatThrownBy(() -> models.lease(DEFAULT, DEFAULT, Optional.of("popcount")))
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("extra");
    }
  }

  @Test
  void folderWithoutAModel_isRefused() throws IOException {
    Files.writeString(folder.resolve("text.onnx"), "no model");

    try (ModelRegistry models = open("onnx")) {
      assertThatThrownBy(models::awaitLoaded)
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("popsight.models: there is no model to serve")
          .hasMessageContaining(": text.onnx: ");
    }
    assertThatThrownBy(() -> open("onnx", folder.resolve("none"), List.of()))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining("popsight.models: there is no folder");
  }

  /** Which Java tells by no IOException, as if the fault were in the program. */
  @Test
  void fileOfAnArchiveThatWasClosed_harmsNoOther() throws IOException {
    Path good = Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    Path closed;
    try (FileSystem archive =
        FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", true))) {
      closed = archive.getPath("/models");
    }
    Path lost = closed.resolve("lost.onnx");
    ModelLoader loader =
        ModelLoader.of("popcount", List.of(), Helpers.NONE, served -> {}, Optional.empty());
    ServedCatalog served = new ServedCatalog(new ModelFolder(closed), loader, () -> {});

    served.takeFirst(List.of(lost, good));

    assertThat(served.catalog().models()).containsOnlyKeys("random");
    assertThat(served.refused())
        .singleElement()
        .satisfies(refused -> assertThat(refused.reason()).contains("ClosedFileSystem"));
    served.retire();
  }

  @Test
  void brokenFile_leavesTheOldOneServing() throws IOException {
    byte[] good = RandomModels.file(7);
    Path file = Files.write(folder.resolve("random.onnx"), good);
    try (ModelRegistry models = open("popcount")) {
      models.awaitLoaded();
      Files.write(file, Arrays.copyOf(good, good.length / 2));

      assertThatThrownBy(() -> models.load("random"))
          .isInstanceOf(ModelRefusedException.class)
          .hasMessageContaining("random.onnx");

      assertThat(models.refused())
          .singleElement()
          .satisfies(refused -> assertThat(refused.fault()).isEqualTo(Fault.UNREADABLE));
      assertThat(models.names()).containsExactly("random");
      Files.write(file, good);
      models.load("random");
      assertThat(models.refused()).isEmpty();
    }
  }

  @Test
  void leaseKeepsAReplacedModel_andTheLastOneFreesIt() throws IOException {
    Path file = Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open("onnx")) {
      ModelLease lease = models.lease(DEFAULT, DEFAULT, DEFAULT);
      ServedModel old = lease.model();
      Files.write(file, RandomModels.file(8));
      models.load("random");

      try (ModelLease next = models.lease(DEFAULT, DEFAULT, DEFAULT)) {
        assertThat(next.model()).isNotSameAs(old);
      }
      old.withScratch(
          scratch -> {
            old.detector().infer(scratch, 1);
            return scratch;
          });
      lease.close();
      assertThatThrownBy(() -> old.withScratch(scratch -> scratch))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("was replaced");
      lease.close();
    }
  }

  @Test
  void unloadedModel_isUnknownUntilItIsLoaded() throws IOException {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open("popcount")) {
      models.unload("random");

      assertThat(models.index())
          .singleElement()
          .satisfies(entry -> assertThat(entry.state()).isEqualTo(IndexEntry.State.UNLOADED));
      assertThatThrownBy(() -> models.lease(Optional.of("random"), DEFAULT, DEFAULT))
          .isInstanceOf(UnknownModelException.class);
      assertThatThrownBy(() -> models.unload("random")).isInstanceOf(UnknownModelException.class);
      models.load("random");
      assertThat(models.index())
          .singleElement()
          .satisfies(entry -> assertThat(entry.state()).isEqualTo(IndexEntry.State.READY));
      assertThatThrownBy(() -> models.load("another")).isInstanceOf(UnknownModelException.class);
    }
  }

  @Test
  void secondFileOfTheSameVersion_isRefused() throws IOException {
    Files.write(folder.resolve("a.onnx"), RandomModels.file(7));
    Files.write(folder.resolve("b.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open("popcount")) {
      models.awaitLoaded();
      assertThat(models.refused())
          .singleElement()
          .satisfies(
              refused -> {
                assertThat(refused.file()).isEqualTo("b.onnx");
                assertThat(refused.fault()).isEqualTo(Fault.DUPLICATE);
                assertThat(refused.reason()).contains("a.onnx");
              });
    }
  }

  /** As a release that is linked to, and as Kubernetes mounts a ConfigMap with folders. */
  @Test
  void linksToFolders_areFollowed() throws IOException {
    Path release = Files.createDirectories(folder.resolve("..data/random"));
    Files.write(release.resolve("1.onnx"), RandomModels.file(7));
    Path mounted = Files.createDirectory(folder.resolve("mounted"));
    Files.createSymbolicLink(mounted.resolve("random"), release);
    Path current = Files.createSymbolicLink(folder.resolve("current"), mounted);

    try (ModelRegistry models = open("popcount", current, List.of())) {
      assertThat(models.names()).containsExactly("random");
    }
  }

  @Test
  void settingsOfAModel_winOverItsFile() throws IOException {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    String label = ModelFile.read(folder.resolve("random.onnx")).metadata().label(0);
    ModelSettings settings =
        new ModelSettings("random", "onnx", 1, "auto", 0.9f, 0.8f, List.of(label), 1);
    try (ModelRegistry models = open("popcount", folder, List.of(settings));
        ModelLease lease = models.lease(DEFAULT, DEFAULT, DEFAULT)) {
      assertThat(lease.model().backend()).isEqualTo("onnx");
      assertThat(lease.model().minScore()).isEqualTo(0.9f);
      assertThat(lease.model().iou()).isEqualTo(0.8f);
      assertThat(lease.model().labels()).containsExactly(label);
    }
    ModelSettings wrong =
        new ModelSettings("random", null, 1, "auto", null, null, List.of("unicorn"), 1);
    try (ModelRegistry models = open("popcount", folder, List.of(wrong))) {
      assertThatThrownBy(models::awaitLoaded).isInstanceOf(ModelRefusedException.class);
      assertThat(models.refused().getFirst().reason())
          .contains("popsight.per-model", "unicorn", label);
    }
  }

  @Test
  void olderVersionInThePlaceOfAFile_isMadeReadyFirst_orLeftOut() throws IOException {
    Path file = Files.write(folder.resolve("random.onnx"), TestModels.named("random", "3", 7));
    List<String> warm = new CopyOnWriteArrayList<>();
    Consumer<ServedModel> warmUp =
        served -> {
          if (served.metadata().version().equals("1")) {
            throw new ExceptionInInitializerError("no library");
          }
          warm.add(served.metadata().version());
        };
    try (ModelRegistry models = open(warmUp)) {
      models.awaitLoaded();
      Files.write(file, TestModels.named("random", "2", 7));
      models.load("random");
      assertThat(warm).containsExactly("3", "2");

      Files.write(file, TestModels.named("random", "1", 7));
      assertThatThrownBy(() -> models.load("random")).isInstanceOf(ModelRefusedException.class);
      assertThat(models.refused()).hasSize(1);
      assertThat(models.index())
          .anyMatch(e -> e.version().equals("2") && e.state() == IndexEntry.State.READY);
    }
  }

  @Test
  void listenerThatFails_harmsNeitherTheLeaseNorTheModelsMemory() throws IOException {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open("popcount")) {
      models.awaitLoaded();
      models.onChange(
          () -> {
            throw new IllegalStateException("made up");
          });
      List<ServedModel> compiled;
      try (ModelLease _ = models.lease(DEFAULT, DEFAULT, Optional.of("onnx"))) {
        compiled = models.ready();
      }

      models.unload("random");

      assertThat(compiled).hasSize(2).noneMatch(ServedModel::hold);
    }
  }

  @Test
  @Timeout(60)
  void changeByHand_waitsForTheFirstLoad() throws Exception {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    AtomicBoolean beside = new AtomicBoolean();
    Consumer<ServedModel> warmUp =
        served -> {
          if (first.getCount() == 0) {
            second.countDown();
            return;
          }
          first.countDown();
          try {
            beside.set(second.await(1, TimeUnit.SECONDS)); // a change that waits never comes here
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (ModelRegistry models = open(warmUp)) {
      first.await();
      models.load("random");

      assertThat(second.getCount()).isZero();
      assertThat(beside).isFalse();
    }
  }

  /** The few threads that carry virtual ones would be busy, and every door with them. */
  @Test
  void modelThatARequestAsksFor_isCompiledOnAThreadOfItsOwn() throws Exception {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    try (ModelRegistry models = open("popcount")) {
      models.awaitLoaded();
      FutureTask<String> request =
          new FutureTask<>(
              () -> {
                try (ModelLease lease = models.lease(DEFAULT, DEFAULT, Optional.of("onnx"))) {
                  return lease.model().backend();
                }
              });
      Thread.ofVirtual().start(request);

      assertThat(request.get()).isEqualTo("onnx");
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .contains("models-asked");
    }
  }

  private ModelRegistry open(String backend) {
    return open(backend, folder, List.of());
  }

  private static ModelRegistry open(String backend, Path folder, List<ModelSettings> settings) {
    Optional<PhotoDecoder> compared = Optional.of(new PhotoDecoder(PhotoLimits.DEFAULT));
    return open(folder, ModelLoader.of(backend, settings, Helpers.NONE, served -> {}, compared));
  }

  private ModelRegistry open(Consumer<ServedModel> warmUp) {
    return open(
        folder, ModelLoader.of("popcount", List.of(), Helpers.NONE, warmUp, Optional.empty()));
  }

  private static ModelRegistry open(Path folder, ModelLoader loader) {
    return ModelRegistry.open(new ModelFolder(folder), loader, "random", Duration.ZERO);
  }

  /** A valid graph with one node that popcount does not know. */
  private static byte[] foreign() throws IOException {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(RandomModels.file(5)).toBuilder();
    model
        .getGraphBuilder()
        .addNode(
            OnnxMl.NodeProto.newBuilder()
                .setName("extra")
                .setOpType("Relu")
                .addInput(model.getGraph().getOutput(0).getName())
                .addOutput("extra"));
    byte[] bytes = model.build().toByteArray();
    assertThat(ModelFile.parse(bytes).network()).isInstanceOf(ModelFile.Network.Foreign.class);
    return bytes;
  }
}
