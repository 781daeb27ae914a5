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
import io.opentelemetry.proto.common.v1.KeyValue;
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
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
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
  private static final String STREAM_TRACE = "00f067aa0ba902b70af7651916cd43dd";
  private static final String SOCKET_TRACE = "1bf6651916cd43dd8448eb211c80319c";
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
      assertThat(stream(service).body().lines()).hasSize(2);
      assertThat(overSocket(service)).contains("\"detections\"");
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
    Span request = under(TRACE, PARENT).getFirst();
    assertThat(request.getName()).isEqualTo("http post /v1/detect");
    assertStagesOfPhotos(request, 1);
    assertThat(spans)
        .as("a call over gRPC goes on with its caller's trace too")
        .filteredOn(s -> hex(s.getTraceId()).equals(GRPC_TRACE))
        .extracting(Span::getName)
        .contains("popsight.photo", "popsight.queue", "popsight.infer");
    assertStagesOfPhotos(under(STREAM_TRACE, PARENT).getFirst(), 2);
    assertStagesOfPhotos(under(SOCKET_TRACE, PARENT).getFirst(), 1);
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
            line -> assertThat(line.toString()).contains("Request answered", requestId, TRACE))
        .anySatisfy(
            line ->
                assertThat(line.toString())
                    .contains("Request answered", "\"grpc\"", "request_id", GRPC_TRACE))
        .anySatisfy(
            line ->
                assertThat(line.toString())
                    .contains("Request answered", "request_id", STREAM_TRACE))
        .anySatisfy(
            line ->
                assertThat(line.toString())
                    .contains("Request answered", "request_id", SOCKET_TRACE));
    assertThat(lines).allMatch(line -> line.has("ecs"));
    assertThat(log.toString(StandardCharsets.UTF_8))
        .as("no key, no byte of the photo")
        .doesNotContain("topsecret", "JFIF");
  }

  private List<Span> under(String trace, String parent) {
    return spans.stream()
        .filter(s -> hex(s.getTraceId()).equals(trace) && hex(s.getParentSpanId()).equals(parent))
        .toList();
  }

  private void assertStagesOfPhotos(Span request, int photos) {
    String trace = hex(request.getTraceId());
    assertThat(under(trace, hex(request.getSpanId())))
        .filteredOn(s -> s.getName().equals("popsight.photo"))
        .hasSize(photos)
        .allSatisfy(
            photo -> {
              assertThat(photo.getAttributesList())
                  .extracting(KeyValue::getKey)
                  .contains("popsight.model", "popsight.detections");
              assertThat(under(trace, hex(photo.getSpanId())))
                  .extracting(Span::getName)
                  .containsExactlyInAnyOrder(
                      "popsight.queue",
                      "popsight.decode",
                      "popsight.preprocess",
                      "popsight.infer",
                      "popsight.postprocess");
            });
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
        asking(service, "/v1/detect?model=popsight-cells", TRACE)
            .header("Content-Type", "image/jpeg")
            .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
            .build());
  }

  private static HttpResponse<String> stream(ConfigurableApplicationContext service)
      throws IOException, InterruptedException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int photo = 0; photo < 2; photo++) {
      body.writeBytes(
          "--b\r\nContent-Type: image/jpeg\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      body.writeBytes(TestPhotos.cells());
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    return send(
        asking(service, "/v1/stream?model=popsight-cells", STREAM_TRACE)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .build());
  }

  private static String overSocket(ConfigurableApplicationContext service) throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .header("traceparent", "00-" + SOCKET_TRACE + "-" + PARENT + "-01")
              .buildAsync(
                  URI.create(uri(service, "/detect").toString().replace("http:", "ws:")),
                  new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onText(
                        WebSocket from, CharSequence text, boolean last) {
                      answers.add(text.toString());
                      from.request(1);
                      return null;
                    }
                  })
              .join();
      socket
          .sendText(
              "{\"data\":\"%s\",\"detect\":{\"*\":40}}"
                  .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells())),
              true)
          .join();
      String answer = answers.poll(1, TimeUnit.MINUTES);
      socket.abort();
      return String.valueOf(answer);
    }
  }

  private static HttpRequest.Builder asking(
      ConfigurableApplicationContext service, String path, String trace) {
    return HttpRequest.newBuilder(uri(service, path))
        .header("Authorization", "Bearer topsecret")
        .header("X-Api-Key", "topsecret")
        .header("traceparent", "00-" + trace + "-" + PARENT + "-01");
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
