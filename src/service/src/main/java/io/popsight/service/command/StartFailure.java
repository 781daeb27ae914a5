package io.popsight.service.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.util.unit.DataSize;

/**
 * Why the service cannot start, in one line: which setting, where it stands, what would be right.
 */
final class StartFailure {

  private StartFailure() {}

  static String line(Throwable failure) {
    List<Throwable> deepestFirst = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      deepestFirst.addFirst(cause);
    }
    // What our own checks say is complete; below it lies what they found, above it where Spring
    // was.
    return first(deepestFirst.reversed(), StartFailure::ourOwn)
        .or(() -> first(deepestFirst, StartFailure::springs))
        .orElseGet(() -> said(deepestFirst.getFirst()));
  }

  private static Optional<String> first(
      List<Throwable> causes, Function<Throwable, Optional<String>> telling) {
    return causes.stream().flatMap(cause -> telling.apply(cause).stream()).findFirst();
  }

  private static Optional<String> ourOwn(Throwable cause) {
    return Optional.ofNullable(cause.getMessage()).filter(told -> told.startsWith("popsight."));
  }

  private static Optional<String> springs(Throwable cause) {
    return Optional.ofNullable(
        switch (cause) {
          case PortInUseException taken ->
              "port %d is already in use; end what listens there or choose another"
                  .formatted(taken.getPort());
          // Netty's, which names the address; what it was caused by does not.
          case IOException bound when said(bound).startsWith("Failed to bind to address") ->
              said(bound) + ": " + said(bound.getCause());
          case UnboundConfigurationPropertiesException unbound ->
              unbound.getUnboundProperties().stream()
                  .map(p -> p.getName() + ": there is no such setting" + place(p.getOrigin()))
                  .collect(Collectors.joining("; "));
          case BindException bind when bind.getProperty() != null ->
              misspelt(bind.getProperty(), bind);
          case InvalidConfigurationPropertyValueException invalid ->
              "%s: got %s: %s"
                  .formatted(invalid.getName(), invalid.getValue(), invalid.getReason());
          default -> null;
        });
  }

  private static String misspelt(ConfigurationProperty property, BindException bind) {
    for (Throwable cause = bind; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConversionFailedException failed) {
        return "%s: want %s, got %s%s"
            .formatted(
                property.getName(),
                wanted(failed.getTargetType().getType()),
                property.getValue(),
                place(property.getOrigin()));
      }
    }
    return property.getName() + ": " + said(bind.getCause()) + place(property.getOrigin());
  }

  private static String wanted(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == Duration.class) {
      return "a duration such as 10s";
    }
    if (type == DataSize.class) {
      return "a size such as 32MB";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    return type.isPrimitive() || Number.class.isAssignableFrom(type)
        ? "a number"
        : "a value for " + type.getSimpleName();
  }

  /** The file and its line, or the variable; of a command line the key says enough. */
  private static String place(@Nullable Origin origin) {
    Origin inside = origin instanceof PropertySourceOrigin source ? source.getOrigin() : origin;
    return inside == null ? "" : " (" + inside + ")";
  }

  private static String said(@Nullable Throwable failure) {
    String message = failure == null ? null : failure.getMessage();
    return message == null ? String.valueOf(failure) : message;
  }
}
