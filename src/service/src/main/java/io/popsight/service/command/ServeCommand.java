package io.popsight.service.command;

import io.popsight.backend.Backends;
import io.popsight.service.PopsightApplication;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
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

  @Option(names = "--port", defaultValue = "8080", description = "HTTP port (${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--grpc-port",
      defaultValue = "9090",
      description = "gRPC port (${DEFAULT-VALUE})")
  private int grpcPort;

  @Option(names = "--no-grpc", description = "opens no gRPC port")
  private boolean noGrpc;

  @Option(
      names = "--models",
      description = "folder of models (default: models beside the launcher)")
  private Path models = Home.models();

  @Option(names = "--backend", defaultValue = "popcount", description = "popcount or onnx")
  private String backend = "popcount";

  @Override
  public Integer call() throws InterruptedException {
    requireBackend(backend);
    List<String> settings = new ArrayList<>();
    settings.add("--server.port=" + port);
    settings.add("--spring.grpc.server.port=" + grpcPort);
    settings.add("--spring.grpc.server.enabled=" + !noGrpc);
    settings.add("--popsight.models=" + models);
    settings.add("--popsight.backend=" + backend);
    CountDownLatch closed = new CountDownLatch(1);
    SpringApplication application = new SpringApplication(PopsightApplication.class);
    application.addListeners(
        (ApplicationListener<ApplicationReadyEvent>)
            ready -> System.out.println(readyLine(ready.getApplicationContext())),
        (ApplicationListener<ContextClosedEvent>) event -> closed.countDown());
    try {
      application.run(settings.toArray(String[]::new));
    } catch (RuntimeException e) {
      // Spring has logged the whole story; the last line says it in short.
      System.err.println("popsight: cannot start: " + root(e).getMessage());
      return 1;
    }
    closed.await();
    return 0;
  }

  private String readyLine(ConfigurableApplicationContext context) {
    String http =
        "Popsight is ready: http://localhost:"
            + context.getEnvironment().getProperty("local.server.port", "");
    return noGrpc
        ? http
        : http + ", gRPC on port " + context.getBean(GrpcServerLifecycle.class).getPort();
  }

  private static void requireBackend(String backend) {
    List<String> names = new ArrayList<>();
    Backends.installed().names().forEach(names::add);
    if (!names.contains(backend)) {
      throw new IllegalArgumentException(
          "unknown backend '%s'; there are %s".formatted(backend, String.join(", ", names)));
    }
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }
}
