package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectionGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A Secret of Kubernetes is rotated while the service runs. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "spring.grpc.server.port=0")
class KeyFileIT implements SmallModels {

  private static final String OLD = "the-key-until-now";
  private static final String NEW = "the-key-from-now-on";

  @TempDir private static Path volume = Path.of("");

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @Autowired private GrpcServerLifecycle grpc;

  @DynamicPropertySource
  static void keyFile(DynamicPropertyRegistry properties) throws IOException {
    rotate("before", OLD);
    Path keys = Files.createSymbolicLink(volume.resolve("keys"), Path.of("..data", "keys"));
    properties.add("popsight.key-file", keys::toString);
  }

  @Test
  @Timeout(60)
  void rotatedSecret_isSeenByEveryDoor() throws Exception {
    assertThat(http(OLD)).isEqualTo(200);
    assertThat(http(NEW)).isEqualTo(401);

    rotate("after", NEW);
    while (http(NEW) != 200) {
      Thread.sleep(50);
    }

    assertThat(http(OLD)).isEqualTo(401);
    assertThat(overGrpc(NEW)).isEqualTo(Status.Code.OK);
    assertThat(overGrpc(OLD)).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(socket(NEW)).isEqualTo(101);
    assertThat(socket(OLD)).isEqualTo(401);
  }

  private int http(String key) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/models"))
                .header("X-API-Key", key)
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private Status.Code overGrpc(String key) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), key);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpc.getPort()).usePlaintext().build();
    try {
      var _ =
          DetectionGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .detect(
                  DetectRequest.newBuilder()
                      .setImage(ByteString.copyFrom(TestPhotos.cells()))
                      .build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  private int socket(String key) {
    try {
      client
          .newWebSocketBuilder()
          .header("doods-auth-key", key)
          .buildAsync(URI.create("ws://localhost:" + port + "/detect"), new WebSocket.Listener() {})
          .join()
          .abort();
      return 101;
    } catch (CompletionException e) {
      return e.getCause() instanceof WebSocketHandshakeException refused
          ? refused.getResponse().statusCode()
          : -1;
    }
  }

  /** As kubelet does it: a folder beside, and the link to it is replaced. */
  private static void rotate(String folder, String key) throws IOException {
    Path keys = Files.createDirectory(volume.resolve(folder)).resolve("keys");
    Files.writeString(keys, "camera detect " + key + "\n");
    Path link = Files.createSymbolicLink(volume.resolve("..data_tmp"), Path.of(folder));
    Files.move(link, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }
}
