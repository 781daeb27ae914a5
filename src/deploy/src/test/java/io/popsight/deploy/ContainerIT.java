package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerConfig;
import io.popsight.v1.DetectResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/**
 * The real image, within the limits that it is meant for. {@code POPSIGHT_IMAGE} names it; {@code
 * -Dtest.flags=-Dpopsight.overload=60} makes the overload a minute.
 */
class ContainerIT {

  private static final Path MODELS = Path.of("../../models");
  private static final Duration OVERLOAD =
      Duration.ofSeconds(Integer.getInteger("popsight.overload", 10));
  private static final int MEGA = 1_000_000;

  private String image = "";

  @TempDir private Path folder;

  /** Before each, so that the reason stands beside each test that is skipped. */
  @BeforeEach
  void imageAndDaemon() {
    image = System.getenv().getOrDefault("POPSIGHT_IMAGE", "");
    assumeTrue(
        !image.isEmpty(),
        "no image to test: docker build -t popsight . && POPSIGHT_IMAGE=popsight ./popsight test");
    assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker daemon");
  }

  @Test
  void photo_isAnsweredOverHttpAndGrpc() throws Exception {
    try (ServiceContainer popsight = ServiceContainer.of(image)) {
      HttpResponse<String> overHttp = popsight.detect();
      DetectResponse overGrpc = popsight.detectOverGrpc();

      assertThat(overHttp.statusCode()).isEqualTo(200);
      JsonNode detections = new JsonMapper().readTree(overHttp.body()).get("detections");
      assertThat(detections.size()).isGreaterThan(3).isEqualTo(overGrpc.getDetectionsCount());
      assertThat(popsight.detect("popsight-street").statusCode()).as("the default").isEqualTo(200);
      assertThat(popsight.metric("popsight_cpu_limit_cores")).isOne();
      Map<String, String> labels =
          Objects.requireNonNull(
              Objects.requireNonNull(popsight.docker().inspectImageCmd(image).exec().getConfig())
                  .getLabels());
      assertThat(popsight.get("/metrics").body())
          .as("the commit that the image's label names")
          .containsPattern(
              "popsight_build_info\\{.*revision=\"%s\""
                  .formatted(labels.get("org.opencontainers.image.revision")));
      assertThat(popsight.docker().containerDiffCmd(popsight.id()).exec())
          .as("written outside /tmp")
          .isNullOrEmpty();
      untilHealthy(popsight);
    }
  }

  @Test
  void residentMemory_isSmallWithTheDefaultModel() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    put("popsight-street.onnx", Files.readAllBytes(MODELS.resolve("popsight-street.onnx")));
    try (ServiceContainer popsight = ServiceContainer.of(image, folder)) {
      for (int photo = 0; photo < 20; photo++) {
        assertThat(popsight.detect("popsight-street").statusCode()).isEqualTo(200);
      }
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (popsight.resident() > 250L * MEGA) {
        assertThat(System.nanoTime()).as("%d resident bytes", popsight.resident()).isLessThan(end);
        Thread.sleep(500);
      }
    }
  }

  private static void untilHealthy(ServiceContainer popsight) throws InterruptedException {
    long end = System.nanoTime() + ServiceContainer.PATIENCE.toNanos();
    while (!popsight.state().getHealth().getStatus().equals("healthy")) {
      assertThat(System.nanoTime()).as("%s", popsight.state().getHealth()).isLessThan(end);
      Thread.sleep(500);
    }
  }

  @Test
  void sigtermUnderLoad_losesNothingThatWasAccepted() throws Exception {
    try (ServiceContainer popsight = ServiceContainer.of(image);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(popsight.detect().statusCode()).isEqualTo(200);
      double before = popsight.metric("popsight_request_duration_seconds_count");
      List<CompletableFuture<HttpResponse<String>>> overHttp = new ArrayList<>();
      List<CompletableFuture<DetectResponse>> overGrpc = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        overHttp.add(popsight.detecting());
        overGrpc.add(CompletableFuture.supplyAsync(popsight::detectOverGrpc, callers));
      }
      untilArrived(popsight, before + 20);
      popsight.docker().stopContainerCmd(popsight.id()).withTimeout(60).exec();

      for (CompletableFuture<HttpResponse<String>> one : overHttp) {
        assertThat(one.get(1, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
      }
      for (CompletableFuture<DetectResponse> one : overGrpc) {
        assertThat(one.get(1, TimeUnit.MINUTES).getDetectionsCount()).isGreaterThan(3);
      }
      assertThat(popsight.state().getExitCodeLong()).as(popsight.logs()).isIn(0L, 143L);
    }
  }

  private static void untilArrived(ServiceContainer popsight, double requests) throws Exception {
    long end = System.nanoTime() + ServiceContainer.PATIENCE.toNanos();
    while (popsight.metric("popsight_inflight_requests")
            + popsight.metric("popsight_request_duration_seconds_count")
        < requests) {
      assertThat(System.nanoTime()).as("the requests arrive").isLessThan(end);
    }
  }

  @Test
  void kill9_isGotOverByAStart() throws Exception {
    try (ServiceContainer popsight = ServiceContainer.of(image)) {
      popsight.docker().killContainerCmd(popsight.id()).exec();
      assertThat(popsight.state().getExitCodeLong()).isEqualTo(137);

      popsight.docker().startContainerCmd(popsight.id()).exec();

      assertThat(popsight.untilAnswered().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void mountedFolder_isFollowedAndABrokenFileLeftOut() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    put("popsight-cells.onnx", Files.readAllBytes(MODELS.resolve("popsight-cells.onnx")));
    put("broken.onnx", new byte[] {1, 2, 3});
    try (ServiceContainer popsight = ServiceContainer.of(image, folder)) {
      assertThat(popsight.logs()).contains("broken.onnx");
      assertThat(popsight.metric("popsight_model_refused")).isOne();
      assertThat(popsight.detect().statusCode()).isEqualTo(200);
      assertThat(popsight.detect("popsight-street").statusCode()).isEqualTo(404);

      put("popsight-street.onnx", Files.readAllBytes(MODELS.resolve("popsight-street.onnx")));
      Files.delete(folder.resolve("broken.onnx"));
      long end = System.nanoTime() + ServiceContainer.PATIENCE.toNanos();
      while (popsight.detect("popsight-street").statusCode() != 200) {
        assertThat(popsight.detect().statusCode()).as("while it loads").isEqualTo(200);
        assertThat(System.nanoTime()).as(popsight.logs()).isLessThan(end);
      }

      assertThat(popsight.metric("popsight_model_ready")).isEqualTo(2);
      assertThat(popsight.metric("popsight_model_refused")).isZero();
    }
  }

  /** A file is written beside and moved into its place, so that no half of it is seen. */
  private void put(String name, byte[] content) throws IOException {
    Path part = Files.write(folder.resolve(name + ".part"), content);
    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void overload_isTurnedAwayWithinTheMemory() throws Exception {
    try (ServiceContainer popsight = ServiceContainer.of(image)) {
      ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
      Semaphore inFlight = new Semaphore(64);
      long end = System.nanoTime() + OVERLOAD.toNanos();
      try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        while (System.nanoTime() < end) {
          inFlight.acquire();
          Future<?> _ =
              callers.submit(
                  () -> {
                    try {
                      return statuses.add(popsight.detect().statusCode());
                    } finally {
                      inFlight.release();
                    }
                  });
        }
      }

      assertThat(statuses).contains(200, 429).containsOnly(200, 429);
      assertThat(popsight.state().getOOMKilled()).isFalse();
      assertThat(popsight.state().getRunning()).isTrue();
      assertThat(popsight.detect().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void image_saysWhatItIsAndHoldsItsBillOfMaterials() throws Exception {
    DockerClient docker = DockerClientFactory.lazyClient();
    ContainerConfig config =
        Objects.requireNonNull(docker.inspectImageCmd(image).exec().getConfig());
    assertThat(config.getUser()).isEqualTo("10001:10001");
    assertThat(config.getLabels())
        .containsKeys(
            "org.opencontainers.image.title",
            "org.opencontainers.image.version",
            "org.opencontainers.image.revision",
            "org.opencontainers.image.licenses");
    String unstarted = docker.createContainerCmd(image).exec().getId();
    try (TarArchiveInputStream copied =
        new TarArchiveInputStream(
            docker.copyArchiveFromContainerCmd(unstarted, "/app/popsight.cdx.json").exec())) {
      assertThat(copied.getNextEntry()).isNotNull();
      JsonNode bill = new JsonMapper().readTree(copied.readAllBytes());
      assertThat(bill.get("bomFormat").asText()).isEqualTo("CycloneDX");
      assertThat(bill.findValuesAsText("name"))
          .contains("opencv", "onnxruntime", "spring-boot", "popsight-engine");
      try (TarArchiveInputStream licences =
          new TarArchiveInputStream(
              docker.copyArchiveFromContainerCmd(unstarted, "/app/licenses").exec())) {
        assertThat(Stream.generate(() -> next(licences)).takeWhile(name -> !name.isEmpty()))
            .contains("licenses/README.txt", "licenses/opencv/libjpeg-turbo-LICENSE.md");
      }
    } finally {
      docker.removeContainerCmd(unstarted).exec();
    }
  }

  /** The name of an archive's next entry, "" after the last. */
  private static String next(TarArchiveInputStream archive) {
    try {
      TarArchiveEntry entry = archive.getNextEntry();
      return entry == null ? "" : entry.getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a registry keeps it: gzip, layer by layer or not, comes to about the same. */
  @Test
  void image_isSmallCompressed() throws IOException {
    AtomicLong size = new AtomicLong();
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int one) {
            size.incrementAndGet();
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            size.addAndGet(length);
          }
        };
    try (InputStream saved = DockerClientFactory.lazyClient().saveImageCmd(image).exec();
        GZIPOutputStream gzip = new GZIPOutputStream(counting, 1 << 16)) {
      saved.transferTo(gzip);
    }

    assertThat(size.get()).as("bytes").isLessThan(200L * MEGA);
  }
}
