package io.popsight.service.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Settings of Spring Boot's whose faults it tells without their key, some of them only after the
 * models are loaded: looked at before anything starts.
 */
final class BorrowedSettings
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

  /** Keys, with the flags that are short for them. */
  static final String HTTP = "server.port (--port)";

  static final String GRPC = "spring.grpc.server.port (--grpc-port)";
  private static final String MANAGEMENT = "management.server.port";

  private static final int HIGHEST_PORT = 65_535;

  private final Map<String, Integer> ports = new LinkedHashMap<>();

  /** After the files are read, before the form of the log is used. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE + 15;
  }

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent prepared) {
    Environment settings = prepared.getEnvironment();
    readPort(settings, HTTP, 8080, 0);
    if (StringUtils.hasText(settings.getProperty(MANAGEMENT))) {
      // -1 is Spring's way of having none.
      readPort(settings, MANAGEMENT, 0, -1);
    }
    // Of what is neither, Spring says what is wrong.
    if (!"false".equalsIgnoreCase(settings.getProperty("spring.grpc.server.enabled"))) {
      int grpc = readPort(settings, GRPC, 9090, 0);
      ports.forEach((other, port) -> requireAnother(settings, grpc, other, port));
    }
    require(
        settings,
        "logging.structured.format.console",
        "(?i)|ecs|gelf|logstash|.*\\..*",
        "want ecs, gelf or logstash");
    require(
        settings,
        "management.opentelemetry.tracing.export.otlp.endpoint",
        "|https?://.*",
        "want a URL such as http://collector:4318/v1/traces");
    require(
        settings,
        "management.tracing.sampling.probability",
        "(?i)0?\\.\\d+|[01](\\.0*)?|\\d(\\.\\d+)?e-\\d+",
        "want 0 to 1");
  }

  /** Which key of the HTTP servers asks for a port. */
  String keyOf(int port) {
    return ports.getOrDefault(HTTP, port) == port ? HTTP : MANAGEMENT;
  }

  private static void require(Environment settings, String key, String pattern, String wanted) {
    String text = settings.getProperty(key);
    if (text != null && !Pattern.matches(pattern, text)) {
      throw new InvalidConfigurationPropertyValueException(key, text, wanted);
    }
  }

  private int readPort(Environment settings, String key, int otherwise, int lowest) {
    String text = settings.getProperty(name(key), String.valueOf(otherwise)).strip();
    int port = Pattern.matches("-?\\d{1,9}", text) ? Integer.parseInt(text) : Integer.MIN_VALUE;
    if (port < lowest || port > HIGHEST_PORT) {
      throw new InvalidConfigurationPropertyValueException(
          key, text.isEmpty() ? "nothing" : text, "want 0 (takes a free one) to " + HIGHEST_PORT);
    }
    ports.put(key, port);
    return port;
  }

  /** Of two servers with addresses of their own, both may have the same port. */
  private static void requireAnother(Environment settings, int grpc, String other, int port) {
    if (grpc > 0
        && grpc == port
        && !other.equals(GRPC)
        && settings.getProperty(name(other).replace("port", "address")) == null
        && settings.getProperty(name(GRPC).replace("port", "address")) == null) {
      throw new InvalidConfigurationPropertyValueException(
          GRPC, grpc, "want another port than " + other);
    }
  }

  private static String name(String key) {
    return key.replaceFirst(" .*", "");
  }
}
