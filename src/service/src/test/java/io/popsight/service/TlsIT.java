package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * One bundle secures both ports, asks clients for a certificate, and is followed when it changes.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.grpc.server.port=0",
      "spring.ssl.bundle.pem.popsight.reload-on-update=true",
      "spring.ssl.bundle.watch.file.quiet-period=200ms",
      "server.ssl.bundle=popsight",
      "server.ssl.client-auth=need",
      "spring.grpc.server.ssl.bundle=popsight",
      "spring.grpc.server.ssl.client-auth=require"
    })
class TlsIT implements SmallModels {

  private static final String PASSWORD = "not-a-secret";
  private static final Path FOLDER = folder();

  @LocalServerPort private int port;

  @Autowired private GrpcServerLifecycle grpc;

  @DynamicPropertySource
  static void bundle(DynamicPropertyRegistry properties) {
    String prefix = "spring.ssl.bundle.pem.popsight.";
    properties.add(prefix + "keystore.certificate", () -> FOLDER.resolve("server.crt").toString());
    properties.add(prefix + "keystore.private-key", () -> FOLDER.resolve("server.key").toString());
    properties.add(
        prefix + "truststore.certificate", () -> FOLDER.resolve("server.crt").toString());
  }

  @Test
  @Timeout(120)
  void bothPorts_askForACertificateAndFollowTheFile() throws Exception {
    assertThat(https(context(true)).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> https(context(false))).isInstanceOf(IOException.class);
    while (grpcHealth(keys(), trust()) != ServingStatus.SERVING) {
      Thread.sleep(100);
    }
    KeyManagerFactory oldKeys = keys();
    ManagedChannel old = grpc(oldKeys, trust());
    assertThat(health(old)).isEqualTo(ServingStatus.SERVING);

    make(FOLDER);
    SSLContext next = context(true);
    while (!trusts(next)) {
      Thread.sleep(100);
    }
    assertThat(https(next).statusCode()).as("with the new certificate").isEqualTo(200);
    assertThat(grpcHealth(keys(), trust()))
        .as("with the new certificate")
        .isEqualTo(ServingStatus.SERVING);
    assertThatThrownBy(() -> grpcHealth(oldKeys, trust()))
        .as("with one that is no longer trusted")
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(health(old)).as("a connection lives on").isEqualTo(ServingStatus.SERVING);
    old.shutdownNow();
  }

  private boolean trusts(SSLContext context) throws IOException, InterruptedException {
    try {
      return https(context).statusCode() == 200;
    } catch (SSLException e) {
      return false;
    }
  }

  private java.net.http.HttpResponse<String> https(SSLContext context)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/v1/models")).build(),
          BodyHandlers.ofString());
    }
  }

  private ServingStatus grpcHealth(KeyManagerFactory keys, TrustManagerFactory trust)
      throws SSLException {
    ManagedChannel channel = grpc(keys, trust);
    try {
      return health(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel grpc(KeyManagerFactory keys, TrustManagerFactory trust)
      throws SSLException {
    return NettyChannelBuilder.forAddress("localhost", grpc.getPort())
        .sslContext(GrpcSslContexts.forClient().keyManager(keys).trustManager(trust).build())
        .build();
  }

  private static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private static SSLContext context(boolean withKey) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(withKey ? keys().getKeyManagers() : null, trust().getTrustManagers(), null);
    return context;
  }

  private static KeyManagerFactory keys() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store(), PASSWORD.toCharArray());
    return keys;
  }

  private static TrustManagerFactory trust() throws Exception {
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    if (store().getCertificate("popsight") instanceof X509Certificate certificate) {
      certificates.setCertificateEntry("popsight", certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(certificates);
    return trust;
  }

  private static KeyStore store() throws GeneralSecurityException, IOException {
    return store(FOLDER.resolve("server.p12"));
  }

  private static KeyStore store(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("popsight-tls");
      make(folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A self-signed certificate that server and client share. */
  private static void make(Path folder) {
    try {
      Path file = folder.resolve("server.p12");
      Files.deleteIfExists(file);
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "popsight",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "san=dns:localhost",
                  "-validity",
                  "2",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  PASSWORD,
                  "-keystore",
                  file.toString())
              .inheritIO()
              .start();
      assertThat(keytool.waitFor()).isZero();
      KeyStore store = store(file);
      Files.writeString(
          folder.resolve("server.crt"),
          pem("CERTIFICATE", store.getCertificate("popsight").getEncoded()));
      Files.writeString(
          folder.resolve("server.key"),
          pem("PRIVATE KEY", store.getKey("popsight", PASSWORD.toCharArray()).getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String what, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, Base64.getMimeEncoder().encodeToString(content), what);
  }
}
