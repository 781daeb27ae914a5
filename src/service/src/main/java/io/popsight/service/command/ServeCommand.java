package io.popsight.service.command;

import io.popsight.backend.Backends;
import io.popsight.service.PopsightApplication;
import io.popsight.service.detect.WarmUp;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code popsight serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Answers photos over HTTP and gRPC until it is stopped.")
public final class ServeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--port", description = "HTTP port (8080)")
  private @Nullable String port;

  @Option(names = "--grpc-port", description = "gRPC port (9090)")
  private @Nullable String grpcPort;

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
      description =
          "any setting of CONFIGURATION.md, such as popsight.deadline=2s; repeatable, the last of a"
              + " key wins, over the other flags too")
  private List<String> set = List.of();

  @Option(
      names = "--stop-when-ready",
      hidden = true,
      description =
          "ends instead of serving, for the training runs of the launcher's archive of classes and"
              + " the image's AOT cache")
  private boolean stopWhenReady;

  @Override
  public Integer call() throws InterruptedException {
    List<String> settings = settings();
    Thread.ofPlatform().daemon().name("libraries").start(WarmUp::loadLibraries);
    CountDownLatch closed = new CountDownLatch(1);
    SpringApplication application = new SpringApplication(PopsightApplication.class);
    application.setDefaultProperties(Map.of("popsight.models", Home.models().toString()));
    BorrowedSettings borrowed = new BorrowedSettings();
    application.addListeners(
        borrowed,
        (ApplicationListener<ApplicationReadyEvent>)
            ready -> tellReady(ready.getApplicationContext()),
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
      // Where this line cannot say it all, Spring has logged the whole story.
      spec.commandLine()
          .getErr()
          .println("popsight: cannot start: " + StartFailure.line(e, borrowed));
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
    Map<String, @Nullable Object> settings = new LinkedHashMap<>();
    settings.put("server.port", port);
    settings.put("spring.grpc.server.port", grpcPort);
    settings.put("spring.grpc.server.enabled", noGrpc ? false : null);
    settings.put("popsight.models", models);
    settings.put("popsight.backend", backend);
    settings.put("popsight.drain", stopWhenReady ? "0s" : null);
    for (String setting : set) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("--set wants KEY=VALUE, got '" + setting + "'");
      }
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    // One of a key: Spring would join two with a comma.
    return settings.entrySet().stream()
        .filter(setting -> setting.getValue() != null)
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toList();
  }

  /** A line for people and scripts, or a document for whoever collects logs as JSON. */
  private static void tellReady(ConfigurableApplicationContext context) {
    String line = readyLine(context);
    if (context.getEnvironment().getProperty("logging.structured.format.console", "").isEmpty()) {
      System.out.println(line);
    } else {
      LOG.info(line);
    }
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
}
