package io.popsight.service.command;

import io.popsight.backend.Backends;
import io.popsight.service.PopsightApplication;
import io.popsight.service.detect.WarmUp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code popsight serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Answers photos over HTTP and gRPC until it is stopped.")
public final class ServeCommand implements Callable<Integer> {

  @Option(names = "--port", description = "HTTP port (8080)")
  private @Nullable Integer port;

  @Option(names = "--grpc-port", description = "gRPC port (9090)")
  private @Nullable Integer grpcPort;

  @Option(names = "--no-grpc", description = "opens no gRPC port")
  private boolean noGrpc;

  @Option(
      names = "--models",
      description = "folder of models (default: models beside the launcher)")
  private @Nullable Path models;

  @Option(names = "--backend", description = "popcount or onnx (popcount)")
  private @Nullable String backend;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any setting of CONFIGURATION.md, such as popsight.deadline=2s; repeatable")
  private List<String> set = List.of();

  @Option(
      names = "--stop-when-ready",
      hidden = true,
      description = "ends instead of serving, for the launcher's training run of the AOT cache")
  private boolean stopWhenReady;

  @Override
  public Integer call() throws InterruptedException {
    List<String> settings = settings();
    Thread.ofPlatform().daemon().name("libraries").start(WarmUp::loadLibraries);
    CountDownLatch closed = new CountDownLatch(1);
    SpringApplication application = new SpringApplication(PopsightApplication.class);
    application.setDefaultProperties(Map.of("popsight.models", Home.models().toString()));
    application.addListeners(
        (ApplicationListener<ApplicationReadyEvent>)
            ready -> System.out.println(readyLine(ready.getApplicationContext())),
        (ApplicationListener<ContextClosedEvent>) event -> closed.countDown());
    if (System.getenv("PORTFILE") != null) {
      application.addListeners(new WebServerPortFileWriter());
    }
    try {
      ConfigurableApplicationContext context = application.run(settings.toArray(String[]::new));
      if (stopWhenReady) {
        context.close();
      }
    } catch (RuntimeException e) {
      // Spring has logged the whole story; the last line says it in short.
      System.err.println("popsight: cannot start: " + root(e).getMessage());
      return 1;
    }
    closed.await();
    return 0;
  }

  /** Flags win over environment and files; what is not given is left to them. */
  private List<String> settings() {
    if (backend != null) {
      Backends.installed().require(backend);
    }
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    flags.put("server.port", port);
    flags.put("spring.grpc.server.port", grpcPort);
    flags.put("spring.grpc.server.enabled", noGrpc ? false : null);
    flags.put("popsight.models", models);
    flags.put("popsight.backend", backend);
    flags.put("popsight.drain", stopWhenReady ? "0s" : null);
    List<String> settings = new ArrayList<>();
    flags.forEach(
        (key, value) -> {
          if (value != null) {
            settings.add("--" + key + "=" + value);
          }
        });
    for (String setting : set) {
      if (!setting.contains("=")) {
        throw new IllegalArgumentException("--set wants KEY=VALUE, got '" + setting + "'");
      }
      settings.add("--" + setting);
    }
    return settings;
  }

  private static String readyLine(ConfigurableApplicationContext context) {
    String http =
        "Popsight is ready: http://localhost:"
            + context.getEnvironment().getProperty("local.server.port", "");
    return context.getBeanProvider(GrpcServerLifecycle.class).stream()
        .map(grpc -> http + ", gRPC on port " + grpc.getPort())
        .findFirst()
        .orElse(http);
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }
}
