package io.popsight.service.command;

import io.popsight.NativeLibraryException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.util.unit.DataSize;

/**
 * Why the service cannot start, in one line: which setting, where it stands, what would be right.
 * Spring asks it, by {@code META-INF/spring.factories}, before it logs a stack trace.
 */
public final class StartFailure implements SpringBootExceptionReporter {

  private static final String BUNDLES = "server.ssl.bundle or spring.grpc.server.ssl.bundle";

  /** For Spring. */
  public StartFailure() {}

  /** Whether the line of {@link ServeCommand} says it all. */
  @Override
  public boolean reportException(Throwable failure) {
    return told(failure, new BorrowedSettings()).isPresent();
  }

  static String line(Throwable failure, BorrowedSettings borrowed) {
    return told(failure, borrowed).orElseGet(() -> said(deepestFirst(failure).getFirst()));
  }

  private static List<Throwable> deepestFirst(Throwable failure) {
    List<Throwable> deepestFirst = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      deepestFirst.addFirst(cause);
    }
    return deepestFirst;
  }

  private static Optional<String> told(Throwable failure, BorrowedSettings borrowed) {
    List<Throwable> deepestFirst = deepestFirst(failure);
    // What our own checks say is complete; below it lies what they found, above it where Spring
    // was.
    return first(deepestFirst.reversed(), StartFailure::ourOwn)
        .or(() -> first(deepestFirst, cause -> springs(cause, borrowed)));
  }

  private static Optional<String> first(
      List<Throwable> causes, Function<Throwable, Optional<String>> telling) {
    return causes.stream().flatMap(cause -> telling.apply(cause).stream()).findFirst();
  }

  private static Optional<String> ourOwn(Throwable cause) {
    return Optional.ofNullable(cause.getMessage())
        .filter(told -> told.startsWith("popsight.") || cause instanceof NativeLibraryException);
  }

  private static Optional<String> springs(Throwable cause, BorrowedSettings borrowed) {
    return Optional.ofNullable(
        switch (cause) {
          case PortInUseException taken ->
              "%s: port %d is already in use; end what listens there or choose another"
                  .formatted(borrowed.keyOf(taken.getPort()), taken.getPort());
          case WebServerException tomcat
              when deepestFirst(tomcat).getFirst() instanceof SocketException refused ->
              "%s or server.address: %s".formatted(BorrowedSettings.HTTP, said(refused));
          // Netty's, which names the address; what it was caused by does not.
          case IOException bound when said(bound).startsWith("Failed to bind to address") ->
              "%s: %s: %s".formatted(BorrowedSettings.GRPC, said(bound), said(bound.getCause()));
          case NoSuchSslBundleException none -> "%s: %s".formatted(BUNDLES, said(none));
          case IllegalStateException store
              when said(store).matches("Unable to create (key|trust) store.*") ->
              "%s: %s".formatted(BUNDLES, said(store));
          case UnboundConfigurationPropertiesException unbound ->
              unbound.getUnboundProperties().stream()
                  .map(p -> p.getName() + ": " + unbound(p) + place(p.getOrigin()))
                  .collect(Collectors.joining("; "));
          case BindException bind -> misspelt(bind);
          case InvalidConfigurationPropertyValueException invalid ->
              "%s: %s, got %s"
                  .formatted(invalid.getName(), invalid.getReason(), invalid.getValue());
          default -> null;
        });
  }

  private static @Nullable String misspelt(BindException bind) {
    ConfigurationProperty property = bind.getProperty();
    for (Throwable cause = bind; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConverterNotFoundException) {
        return bind.getName() + ": takes no value itself, only the settings below it";
      }
      if (cause instanceof ConversionFailedException failed && property != null) {
        return "%s: want %s, got %s%s"
            .formatted(
                property.getName(),
                wanted(failed.getTargetType().getType()),
                isEmpty(property) ? "nothing" : property.getValue(),
                place(property.getOrigin()));
      }
    }
    return property == null
        ? null
        : property.getName() + ": " + said(bind.getCause()) + place(property.getOrigin());
  }

  /** Spring binds nothing of an empty text, and then finds it left over. */
  private static String unbound(ConfigurationProperty property) {
    return isEmpty(property) ? "want a value, got nothing" : "there is no such setting";
  }

  private static boolean isEmpty(ConfigurationProperty property) {
    return String.valueOf(property.getValue()).isBlank();
  }

  private static String wanted(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
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
    if (type == int.class) {
      return "a whole number up to " + Integer.MAX_VALUE;
    }
    if (type == long.class) {
      return "a whole number";
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
