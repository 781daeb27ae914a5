package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.Span;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectionGrpc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Traces as a collector receives them, logs as a log collector does. */
class TracesIT {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String GRPC_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "b7ad6b7169203331";

  private final List<Span> spans = new CopyOnWriteArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"http", "grpc"})
  void request_isATraceWithASpanAStage(String transport) throws Exception {
    HttpServer http = httpCollector();
    Server grpc = grpcCollector();
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    String endpoint =
        transport.equals("http")
            ? "http://localhost:" + http.getAddress().getPort() + "/v1/traces"
            : "http://localhost:" + grpc.getPort();
    HttpResponse<String> answer;
    String scraped;
    try (ConfigurableApplicationContext service = start(transport, endpoint)) {
      answer = detect(service);
      detectOverGrpc(service);
      scraped = openMetrics(service);
    } finally {
      System.setErr(console);
      // Spring leaves it behind, for every service that this JVM starts after this one.
      System.clearProperty(
          LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
      http.stop(0);
      grpc.shutdownNow();
    }

    assertThat(answer.statusCode()).isEqualTo(200);
    List<Span> trace = spans.stream().filter(s -> hex(s.getTraceId()).equals(TRACE)).toList();
    Span request =
        trace.stream()
            .filter(s -> hex(s.getParentSpanId()).equals(PARENT))
            .findFirst()
            .orElseThrow();
    assertThat(request.getName()).isEqualTo("http post /v1/detect");
    assertThat(trace)
        .filteredOn(s -> s.getParentSpanId().equals(request.getSpanId()))
        .extracting(Span::getName)
        .contains(
            "popsight.queue",
            "popsight.decode",
            "popsight.preprocess",
            "popsight.infer",
            "popsight.postprocess");
    assertThat(spans)
        .as("a call over gRPC goes on with its caller's trace too")
        .filteredOn(s -> hex(s.getTraceId()).equals(GRPC_TRACE))
        .extracting(Span::getName)
        .contains("popsight.queue", "popsight.infer");
    assertThat(scraped).as("an exemplar").containsPattern("# \\{.*trace_id=\"" + TRACE);

    String requestId = new JsonMapper().readTree(answer.body()).get("request_id").asString();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : log.toString(StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("{")) {
        lines.add(new JsonMapper().readTree(line));
      }
    }
    assertThat(lines)
        .as("one line of JSON a request, with both ids")
        .anySatisfy(
            line -> assertThat(line.toString()).contains("Request answered", requestId, TRACE));
    assertThat(lines).allMatch(line -> line.has("ecs"));
    assertThat(log.toString(StandardCharsets.UTF_8))
        .as("no key, no byte of the photo")
        .doesNotContain("topsecret", "JFIF");
  }

  private static ConfigurableApplicationContext start(String transport, String endpoint) {
    // Services that other tests started in this JVM have set up their logs already.
    LoggingSystem.get(TracesIT.class.getClassLoader()).cleanUp();
    return new SpringApplication(PopsightApplication.class)
        .run(
            "--server.port=0",
            "--spring.grpc.server.port=0",
            "--popsight.models=../../models",
            "--logging.structured.format.console=ecs",
            "--logging.level.io.popsight.service.metrics=debug",
            "--management.tracing.sampling.probability=1",
            "--management.tracing.exemplars.include=sampled-traces",
            "--management.opentelemetry.tracing.export.schedule-delay=100ms",
            "--management.opentelemetry.tracing.export.otlp.transport=" + transport,
            "--management.opentelemetry.tracing.export.otlp.endpoint=" + endpoint);
  }

  private static HttpResponse<String> detect(ConfigurableApplicationContext service)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(service, "/v1/detect?model=popsight-cells"))
            .header("Content-Type", "image/jpeg")
            .header("Authorization", "Bearer topsecret")
            .header("X-Api-Key", "topsecret")
            .header("traceparent", "00-" + TRACE + "-" + PARENT + "-01")
            .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
            .build());
  }

  private static void detectOverGrpc(ConfigurableApplicationContext service) throws IOException {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress(
                "localhost", service.getBean(GrpcServerLifecycle.class).getPort())
            .usePlaintext()
            .build();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
        "00-" + GRPC_TRACE + "-" + PARENT + "-01");
    try {
      assertThat(
              DetectionGrpc.newBlockingStub(channel)
                  .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                  .detect(
                      DetectRequest.newBuilder()
                          .setModel("popsight-cells")
                          .setImage(ByteString.copyFrom(TestPhotos.cells()))
                          .build())
                  .getDetectionsCount())
          .isPositive();
    } finally {
      channel.shutdownNow();
    }
  }

  private static String openMetrics(ConfigurableApplicationContext service)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(service, "/metrics"))
            .header("Accept", "application/openmetrics-text")
            .build())
        .body();
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HttpClient.newBuilder()
        .connectTimeout(Duration.ofSeconds(5))
        .build()
        .send(request, BodyHandlers.ofString());
  }

  private static URI uri(ConfigurableApplicationContext service, String path) {
    return URI.create(
        "http://localhost:"
            + service.getEnvironment().getRequiredProperty("local.server.port")
            + path);
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  private void received(ExportTraceServiceRequest request) {
    request
        .getResourceSpansList()
        .forEach(r -> r.getScopeSpansList().forEach(s -> spans.addAll(s.getSpansList())));
  }

  private HttpServer httpCollector() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
    server.createContext(
        "/v1/traces",
        exchange -> {
          boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
          try (InputStream body = exchange.getRequestBody()) {
            received(
                ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body));
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Server grpcCollector() throws IOException {
    return ServerBuilder.forPort(0)
        .addService(
            new TraceServiceGrpc.TraceServiceImplBase() {
              @Override
              public void export(
                  ExportTraceServiceRequest request,
                  StreamObserver<ExportTraceServiceResponse> out) {
                received(request);
                out.onNext(ExportTraceServiceResponse.getDefaultInstance());
                out.onCompleted();
              }
            })
        .build()
        .start();
  }
}
