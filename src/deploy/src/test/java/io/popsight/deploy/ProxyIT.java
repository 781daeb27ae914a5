package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.popsight.service.PopsightApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * Two services behind Debian's nginx with the configuration of {@code docker-compose.yml}'s profile
 * {@code replicas}.
 */
class ProxyIT {

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<ConfigurableApplicationContext> replicas = new ArrayList<>();
  private final List<Process> started = new ArrayList<>();
  private int http;
  private int grpc;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Programs.installed("nginx"), "no nginx: apt-get install nginx-light");
    // One place each, so that a second photo at once finds a replica full.
    for (int replica = 0; replica < 2; replica++) {
      replicas.add(
          new SpringApplication(PopsightApplication.class)
              .run(
                  "--server.port=0",
                  "--spring.grpc.server.port=0",
                  "--popsight.models=../../models",
                  "--popsight.threads=1",
                  "--popsight.queue=1",
                  "--popsight.drain=1s"));
    }
    do {
      startProxy();
    } while (!listens());
  }

  private void startProxy() throws IOException {
    List<Integer> ports = Programs.freePorts(2);
    http = ports.getFirst();
    grpc = ports.getLast();
    Path config = Files.writeString(folder.resolve("nginx.conf"), config());
    started.add(
        new ProcessBuilder("nginx", "-c", config.toString(), "-p", folder.toString(), "-e", "log")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start());
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : started) {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    replicas.forEach(ConfigurableApplicationContext::close);
  }

  @Test
  void replicaThatLeavesUnderLoad_takesNoRequestWithIt() throws Exception {
    byte[] photo = photo();
    assertThat(post(photo)).isEqualTo(200);

    List<Integer> statuses = new ArrayList<>();
    Thread leaving = Thread.ofPlatform().start(() -> replicas.getFirst().close());
    do {
      statuses.add(post(photo));
    } while (leaving.isAlive());
    leaving.join();
    statuses.add(post(photo));

    assertThat(statuses).hasSizeGreaterThan(5).containsOnly(200);
  }

  @Test
  void fullReplicas_areNotTakenForBroken() throws Exception {
    byte[] photo = photo();
    List<Future<HttpResponse<String>>> answers = new ArrayList<>();
    for (int request = 0; request < 60; request++) {
      answers.add(client.sendAsync(request(photo), BodyHandlers.ofString()));
    }
    List<Integer> statuses = new ArrayList<>();
    for (Future<HttpResponse<String>> answer : answers) {
      statuses.add(status(answer));
    }
    // When both are full the last one's refusal is the answer, and never a 502 of the proxy's own.
    assertThat(statuses).contains(200).isSubsetOf(200, 429);
  }

  /** A camera's stream has no end: what was sent is answered, however much is announced. */
  @Test
  void stream_isAnsweredWhileItIsSent() throws Exception {
    String head =
        """
        POST /v1/stream HTTP/1.1
        Host: popsight
        Content-Type: multipart/x-mixed-replace;boundary=frame
        Content-Length: 1000000000

        --frame
        Content-Type: image/jpeg

        """
            .replace("\n", "\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http)) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(photo());
      out.write("\r\n--frame\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();

      assertThat(
              new BufferedReader(
                      new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                  .lines()
                  .anyMatch(
                      line -> line.startsWith("{\"index\":0,") && line.contains("detections")))
          .isTrue();
    }
  }

  @Test
  void webSocket_isOpenedThroughTheProxy() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + http + "/detect"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence data, boolean last) {
                    answer.complete(data.toString());
                    return null;
                  }
                })
            .get(20, TimeUnit.SECONDS);
    socket.sendText("no JSON", true).get(20, TimeUnit.SECONDS);

    assertThat(answer.get(20, TimeUnit.SECONDS)).contains("the request cannot be read");
    socket.abort();
  }

  @Test
  @Timeout(60)
  void gRpc_isAnsweredThroughTheProxy() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc).usePlaintext().build();
    try {
      // Health is told a moment after the service is there.
      while (health(channel) != ServingStatus.SERVING) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } finally {
      channel.shutdownNow();
      assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  /** The file as it is, but for the machine: where replicas are, what Debian 12's nginx reads. */
  private String config() throws IOException {
    String config =
        Files.readString(Path.of("../../helm/compose/nginx.conf"))
            .replace("listen 8080", "listen " + http)
            .replace("listen 9090;\n    http2 on;", "listen " + grpc + " http2;")
            .replace("replica-a:8080", "127.0.0.1:" + httpPort(0))
            .replace("replica-b:8080", "127.0.0.1:" + httpPort(1))
            .replace("replica-a:9090", "127.0.0.1:" + grpcPort(0))
            .replace("replica-b:9090", "127.0.0.1:" + grpcPort(1));
    assertThat(config).doesNotContain("replica-", "http2 on");
    return "daemon off;\npid pid;\n" + config.replace("\nhttp {", "\nhttp {\n  access_log off;");
  }

  private String httpPort(int replica) {
    return replicas.get(replica).getEnvironment().getRequiredProperty("local.server.port");
  }

  private int grpcPort(int replica) {
    return replicas.get(replica).getBean(GrpcServerLifecycle.class).getPort();
  }

  /** Waits for it; false if somebody else has one of the ports meanwhile. */
  private boolean listens() throws Exception {
    for (int tries = 0; tries < 100; tries++) {
      try {
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/v2"))
                .timeout(Duration.ofSeconds(5))
                .build(),
            BodyHandlers.discarding());
        return true;
      } catch (ConnectException | HttpTimeoutException e) {
        if (!started.getLast().isAlive()) {
          assertThat(folder.resolve("output")).content().contains("Address already in use");
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    throw new AssertionError("nginx does not listen");
  }

  private static byte[] photo() throws IOException {
    return Files.readAllBytes(Path.of("../service/src/main/resources/probes/street.jpg"));
  }

  private int post(byte[] photo) throws Exception {
    return client.send(request(photo), BodyHandlers.ofString()).statusCode();
  }

  /** As the playground's page asks behind the proxy. */
  private HttpRequest request(byte[] photo) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/v1/detect"))
        .version(HttpClient.Version.HTTP_1_1)
        .header("Origin", "http://127.0.0.1:" + http)
        .header("Content-Type", "image/jpeg")
        .POST(BodyPublishers.ofByteArray(photo))
        .build();
  }

  private static int status(Future<HttpResponse<String>> answer)
      throws InterruptedException, ExecutionException {
    return answer.get().statusCode();
  }
}
