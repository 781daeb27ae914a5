package io.popsight.deploy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ports;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * The image as it is meant to run, and as small: 384 MiB, one processor, nothing to write on but
 * {@code /tmp}, no capability, no swap.
 */
final class ServiceContainer implements AutoCloseable {

  static final long MEMORY = 384L << 20;

  /** How long a test waits for what a busy machine may take its time for. */
  static final Duration PATIENCE = Duration.ofMinutes(4);

  static final Path PHOTO = Path.of("../service/src/test/resources/cells/BloodImage_00000.jpg");

  private static final long ONE_PROCESSOR = 1_000_000_000L;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final byte[] photo;
  private final GenericContainer<?> container;
  private final ManagedChannel channel;

  private ServiceContainer(GenericContainer<?> container) {
    this.photo = bytes(PHOTO);
    this.container = container;
    container.start();
    this.channel = channel();
  }

  /** Serves the image's own models. */
  static ServiceContainer of(String image) {
    return new ServiceContainer(limited(image));
  }

  /** Serves a folder of this machine, which it can only read. */
  static ServiceContainer of(String image, Path models) {
    return new ServiceContainer(
        limited(image)
            .withFileSystemBind(models.toString(), "/models", BindMode.READ_ONLY)
            .withCommand(
                "serve",
                "--models",
                "/models",
                "--set",
                "popsight.scan-interval=500ms",
                "--set",
                "popsight.default-model=popsight-cells"));
  }

  private static GenericContainer<?> limited(String image) {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withExposedPorts(8080, 9090)
        .withCreateContainerCmdModifier(
            create -> {
              HostConfig host = create.getHostConfig();
              if (host != null) {
                host.withReadonlyRootfs(true)
                    .withTmpFs(Map.of("/tmp", "size=64m"))
                    .withMemory(MEMORY)
                    .withMemorySwap(MEMORY)
                    .withNanoCPUs(ONE_PROCESSOR)
                    .withSecurityOpts(List.of("no-new-privileges:true"))
                    .withCapDrop(Capability.ALL);
              }
            })
        .waitingFor(
            Wait.forHttp("/actuator/health/readiness").forPort(8080).withStartupTimeout(PATIENCE));
  }

  /** Posts the photo of blood cells. */
  HttpResponse<String> detect() throws IOException, InterruptedException {
    return client.send(request("popsight-cells"), BodyHandlers.ofString());
  }

  /** Posts it to a model by name. */
  HttpResponse<String> detect(String model) throws IOException, InterruptedException {
    return client.send(request(model), BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> detecting() {
    return client.sendAsync(request("popsight-cells"), BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  DetectResponse detectOverGrpc() {
    return DetectionGrpc.newBlockingStub(channel)
        .detect(
            DetectRequest.newBuilder()
                .setModel("popsight-cells")
                .setImage(ByteString.copyFrom(photo))
                .build());
  }

  /** Sum of the series of that name. */
  double metric(String name) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** Asks until it answers, after a start that Testcontainers does not know of. */
  HttpResponse<String> untilAnswered() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        HttpResponse<String> answer = detect();
        if (answer.statusCode() == 200 || System.nanoTime() > end) {
          return answer;
        }
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new AssertionError("no answer", e);
        }
      }
      Thread.sleep(200);
    }
  }

  /** Resident memory of its processes in bytes, as ps tells it. */
  long resident() {
    return 1024
        * Arrays.stream(
                docker().topContainerCmd(id()).withPsArgs("-o pid,rss").exec().getProcesses())
            .mapToLong(row -> Long.parseLong(row[1].strip()))
            .sum();
  }

  ContainerState state() {
    return docker().inspectContainerCmd(id()).exec().getState();
  }

  String logs() {
    return container.getLogs();
  }

  DockerClient docker() {
    return container.getDockerClient();
  }

  String id() {
    return container.getContainerId();
  }

  private HttpRequest request(String model) {
    return HttpRequest.newBuilder(uri("/v1/detect?model=" + model))
        .header("Content-Type", "image/jpeg")
        .POST(BodyPublishers.ofByteArray(photo))
        .build();
  }

  private URI uri(String path) {
    return URI.create("http://" + container.getHost() + ":" + port(8080) + path);
  }

  private ManagedChannel channel() {
    return ManagedChannelBuilder.forAddress(container.getHost(), port(9090)).usePlaintext().build();
  }

  /** Asked each time: a container that starts again gets other ports. */
  private int port(int inside) {
    Ports ports = docker().inspectContainerCmd(id()).exec().getNetworkSettings().getPorts();
    Ports.Binding[] bindings =
        Objects.requireNonNull(ports.getBindings().get(ExposedPort.tcp(inside)));
    return Integer.parseInt(bindings[0].getHostPortSpec());
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    container.close();
  }
}
