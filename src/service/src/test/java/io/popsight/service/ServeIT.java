package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.service.command.HealthCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight serve} as a process of its own. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
class ServeIT {

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @Test
  @Timeout(180)
  void sigterm_turnsReadinessOffServesOnAndEnds() throws Exception {
    // The environment and a flag set what the page of settings calls by one name each.
    Process service =
        serve(
            Map.of(
                "POPSIGHT_DRAIN", "3s",
                "POPSIGHT_DEFAULTMODEL", "popsight-cells",
                "POPSIGHT_DEADLIN", "2s",
                // As Kubernetes sets it beside a Service of that name.
                "POPSIGHT_PORT", "tcp://10.0.0.1:8080"));
    try {
      URI url = url(service);
      assertThat(status(url, "/actuator/health/readiness")).isEqualTo(200);

      service.destroy();
      while (status(url, "/actuator/health/readiness") == 200) {
        Thread.sleep(20);
      }

      assertThat(status(url, "/actuator/health/readiness")).isEqualTo(503);
      assertThat(status(url, "/actuator/health/liveness")).isEqualTo(200);
      assertThat(detect(url)).contains("\"model\":\"popsight-cells\"");
      assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(service.exitValue()).isIn(0, 128 + 15);
      assertThat(folder.resolve("err"))
          .content()
          .contains(
              "POPSIGHT_DEADLIN in the environment is no setting; the nearest is POPSIGHT_DEA")
          .doesNotContain("POPSIGHT_PORT");
    } finally {
      service.destroyForcibly();
    }
  }

  @Test
  @Timeout(180)
  void jsonLogs_areAllThatIsSaid() throws Exception {
    Process service =
        serve(Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs", "POPSIGHT_DRAIN", "0s"));
    try {
      while (!Files.readString(folder.resolve("err")).contains("Popsight is ready: http://")) {
        assertThat(service.isAlive()).isTrue();
        Thread.sleep(50);
      }
      // Process.destroy would close what is read here.
      assertThat(service.toHandle().destroy()).isTrue();
      assertThat(service.inputReader().readAllLines()).isEmpty();
    } finally {
      service.destroyForcibly();
    }
    JsonMapper json = new JsonMapper();
    assertThat(Files.readAllLines(folder.resolve("err")))
        .filteredOn(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
        .allSatisfy(line -> assertThat(json.readTree(line).has("message")).isTrue());
  }

  /** As the image's health check asks, which cannot know what the ports were set to. */
  @ParameterizedTest
  @ValueSource(strings = {"", "0"})
  @Timeout(180)
  void healthCheck_findsThePortThatWasSet(String managementPort) throws Exception {
    Map<String, String> ports =
        Map.of(
            "PORTFILE",
            folder.resolve("port").toString(),
            "MANAGEMENT_SERVER_PORT",
            managementPort);
    Process service = serve(ports);
    try {
      url(service);
      assertThat(healthCheck(ports)).isZero();
    } finally {
      service.destroy();
    }
    assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(healthCheck(ports)).isOne();
  }

  private static int healthCheck(Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            HealthCheck.class.getName());
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }

  @Test
  @Timeout(180)
  void settingThatCannotBe_endsTheStartAndNamesItsKey() throws Exception {
    Process service = serve(Map.of("POPSIGHT_KEY_FILE", "/nonexist"));

    String last = lastLine(service);

    assertThat(service.waitFor()).isOne();
    assertThat(last)
        .isEqualTo("popsight: cannot start: popsight.key-file: there is no file /nonexist");
    assertThat(folder.resolve("err")).content().doesNotContain("Exception", "\tat ", " WARN ");
  }

  @Test
  @Timeout(180)
  void openCvThatCannotBeUnpacked_endsTheStartAndBlamesNoBackend() throws Exception {
    Process service = serve(Map.of("JAVA_TOOL_OPTIONS", new Shell(folder).nowhereToUnpack()));

    String last = lastLine(service);

    assertThat(service.waitFor()).isOne();
    assertThat(last)
        .startsWith("popsight: cannot start: OpenCV cannot be loaded: ")
        .contains(
            folder.resolve("file").toString(),
            "POPSIGHT_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=DIR");
    assertThat(folder.resolve("err"))
        .content()
        .doesNotContain("\tat ", "popcount", "Popsight is ready");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          popsight.deadline=abc           | popsight.deadline: want a duration such as 10s, got abc
          popsight.deadline=              | popsight.deadline: want a value, got nothing
          popsight.queue=                 | popsight.queue: want a whole number up to 2147483647, got nothing
          popsight.max-photo-size=big     | popsight.max-photo-size: want a size such as 32MB, got big
          popsight.max-photo-pixels=50M   | popsight.max-photo-pixels: want a whole number, got 50M
          popsight.doors.oip=perhaps      | popsight.doors.oip: want true or false, got perhaps
          popsight.doors=false            | popsight.doors: takes no value itself, only the settings below it
          popsight.keys=a-secret-of-mine  | popsight.keys: takes no value itself, only the settings below it
          popsight.keys[0].roles=metric   | popsight.keys[0].roles: want one of detect, metrics, admin, got metric
          popsight.deadlin=2s             | popsight.deadlin: there is no such setting
          popsight.backend=abacus         | popsight.backend: unknown backend 'abacus'; there are onnx, popcount
          popsight.models=FOLDER/none     | popsight.models: there is no folder FOLDER/none to read models from
          popsight.models=FOLDER/a.yaml   | popsight.models: FOLDER/a.yaml is no folder
          popsight.models=FOLDER          | popsight.models: there is no model to serve in FOLDER: it holds neither NAME.onnx nor NAME/VERSION.onnx
          popsight.key-file=/nonexist     | popsight.key-file: there is no file /nonexist
          popsight.key-file=FOLDER/keys   | popsight.key-file: FOLDER/keys, line 2: roles are detect, metrics, admin; the rate is a number
          popsight.key-file=FOLDER/nokey  | popsight.key-file: FOLDER/nokey has no key: want a line 'name roles secret [rate]'
          spring.config.location=FOLDER/a.yaml | popsight.threads: want a whole number up to 2147483647, got many (URL [file:FOLDER/a.yaml] - 2:12)
          server.ssl.bundle=none          | server.ssl.bundle or spring.grpc.server.ssl.bundle: SSL bundle name 'none' cannot be found
          server.ssl.bundle=b spring.ssl.bundle.pem.b.keystore.certificate=/nonexist | server.ssl.bundle or spring.grpc.server.ssl.bundle: Unable to create key store: Error reading certificate or key from file '/nonexist'
          logging.structured.format.console=xml | logging.structured.format.console: want ecs, gelf or logstash, got xml
          management.tracing.sampling.probability=2 | management.tracing.sampling.probability: want 0 to 1, got 2
          management.opentelemetry.tracing.export.otlp.endpoint=collector | management.opentelemetry.tracing.export.otlp.endpoint: want a URL such as http://collector:4318/v1/traces, got collector
          server.port=abc                 | server.port (--port): want 0 (takes a free one) to 65535, got abc
          server.port=                    | server.port (--port): want 0 (takes a free one) to 65535, got nothing
          server.port=70000               | server.port (--port): want 0 (takes a free one) to 65535, got 70000
          spring.grpc.server.port=-1      | spring.grpc.server.port (--grpc-port): want 0 (takes a free one) to 65535, got -1
          management.server.port=99999    | management.server.port: want 0 (takes a free one) to 65535, got 99999
          server.port=TAKEN spring.grpc.server.port=TAKEN | spring.grpc.server.port (--grpc-port): want another port than server.port (--port), got TAKEN
          server.port=TAKEN               | server.port (--port): port TAKEN is already in use; end what listens there or choose another
          management.server.port=TAKEN    | management.server.port: port TAKEN is already in use; end what listens there or choose another
          spring.grpc.server.port=TAKEN   | spring.grpc.server.port (--grpc-port): Failed to bind to address 0.0.0.0/0.0.0.0:TAKEN: Address already in use
          """)
  @Timeout(180)
  void startThatFails_saysInALineWhatWouldBeRight(String setting, String line) throws Exception {
    Files.writeString(folder.resolve("keys"), "# whose\nscraper metric a-secret-of-the-test\n");
    Files.writeString(folder.resolve("nokey"), "# nobody yet\n\n");
    Files.writeString(folder.resolve("a.yaml"), "popsight:\n  threads: many\n");
    StringWriter told = new StringWriter();
    try (ServerSocket taken = new ServerSocket(0)) {
      UnaryOperator<String> here =
          text ->
              text.replace("FOLDER", folder.toString())
                  .replace("TAKEN", String.valueOf(taken.getLocalPort()));
      List<String> arguments =
          List.of("serve", "--port=0", "--grpc-port=0", "--models=" + TestModels.folder());

      int code =
          Popsight.commandLine()
              .setErr(new PrintWriter(told, true))
              .execute(
                  Stream.concat(
                          arguments.stream(),
                          // The later wins over the flag and over the earlier.
                          Stream.concat(Stream.of("server.port=0"), Stream.of(setting.split(" ")))
                              .map(one -> "--set=" + here.apply(one)))
                      .toArray(String[]::new));

      assertThat(code).isOne();
      assertThat(told.toString().strip())
          .isEqualTo("popsight: cannot start: " + here.apply(line))
          .doesNotContain("a-secret");
    }
  }

  private Process serve(Map<String, String> environment) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Dpopsight.home=" + Path.of("../..").toRealPath(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.popsight.service.Popsight",
            "serve",
            "--port",
            "0",
            "--no-grpc"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static URI url(Process service) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8));
    String ready = String.valueOf(out.readLine());
    assertThat(ready).startsWith("Popsight is ready: http://localhost:");
    return URI.create(ready.substring(ready.indexOf("http")));
  }

  private String lastLine(Process service) throws IOException, InterruptedException {
    assertThat(service.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return Files.readAllLines(folder.resolve("err")).getLast();
  }

  private int status(URI url, String path) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private String detect(URI url) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(url.resolve("/v1/detect"))
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            BodyHandlers.ofString())
        .body();
  }
}
