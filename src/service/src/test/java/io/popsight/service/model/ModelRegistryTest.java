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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

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
      assertThat(old.isFreed()).isFalse();
      old.withScratch(
          scratch -> {
            old.detector().infer(scratch, 1);
            return scratch;
          });
      lease.close();
      assertThat(old.isFreed()).isTrue();
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

  @Test
  void movedFile_serves_andATwinTakesThePlaceOfOneThatGoes() throws Exception {
    Path file = Files.write(folder.resolve("a.onnx"), RandomModels.file(7));
    Duration interval = Duration.ofMillis(50);
    try (ModelRegistry models = open("popcount", folder, List.of(), interval)) {
      models.awaitLoaded();
      models.follow();
      Path moved = Files.createDirectory(folder.resolve("random")).resolve("1.onnx");
      Files.move(file, moved);
      Thread.sleep(interval.multipliedBy(20)); // long enough to see the one come and the other go
      assertThat(models.refused()).isEmpty();
      assertThat(models.names()).containsExactly("random");

      Files.write(folder.resolve("b.onnx"), RandomModels.file(7));
      await(() -> !models.refused().isEmpty());
      Files.delete(moved);
      await(() -> models.refused().isEmpty());
      await(() -> !models.names().isEmpty());
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

  private static void await(BooleanSupplier reached) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void settingsOfNoModel_areWarnedOfAfterEachChange(CapturedOutput log) throws Exception {
    Files.write(folder.resolve("random.onnx"), RandomModels.file(7));
    Files.writeString(folder.resolve("broken.onnx"), "no model");
    List<ModelSettings> settings =
        Stream.of("nix", "random", "broken").map(ModelSettings::none).toList();
    try (ModelRegistry models = open("popcount", folder, settings, Duration.ofMillis(20))) {
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
    try (ModelRegistry models = open(warmUp, Duration.ZERO)) {
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
  void versionThatBecomesTheNewest_isMadeReadyFirst() throws Exception {
    Files.write(folder.resolve("a.onnx"), TestModels.named("random", "2", 7));
    Path newest = Files.write(folder.resolve("b.onnx"), TestModels.named("random", "3", 7));
    List<String> warm = new CopyOnWriteArrayList<>();
    try (ModelRegistry models =
        open(served -> warm.add(served.metadata().version()), Duration.ofMillis(20))) {
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
    try (ModelRegistry models = open(warmUp, Duration.ofMillis(20))) {
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
    try (ModelRegistry models = open("popcount", folder, List.of(), Duration.ofMillis(20))) {
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
    try (ModelRegistry served = open("popcount", models, List.of(), Duration.ofMillis(20))) {
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

      assertThat(compiled).hasSize(2).allMatch(ServedModel::isFreed);
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
    try (ModelRegistry models = open(warmUp, Duration.ZERO)) {
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

  private static List<String> warnings(CapturedOutput log) {
    return log.getAll().lines().filter(line -> line.contains("popsight.per-model (")).toList();
  }

  private ModelRegistry open(String backend) {
    return open(backend, folder, List.of());
  }

  private static ModelRegistry open(String backend, Path folder, List<ModelSettings> settings) {
    return open(backend, folder, settings, Duration.ZERO);
  }

  private ModelRegistry open(Consumer<ServedModel> warmUp, Duration interval) {
    ModelLoader loader =
        ModelLoader.of("popcount", List.of(), Helpers.NONE, warmUp, Optional.empty());
    return ModelRegistry.open(new ModelFolder(folder), loader, "random", interval);
  }

  private static ModelRegistry open(
      String backend, Path folder, List<ModelSettings> settings, Duration interval) {
    ModelLoader loader =
        ModelLoader.of(
            backend,
            settings,
            Helpers.NONE,
            served -> {},
            Optional.of(new PhotoDecoder(PhotoLimits.DEFAULT)));
    return ModelRegistry.open(new ModelFolder(folder), loader, "random", interval);
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
