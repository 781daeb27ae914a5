package io.popsight.backend;

import java.util.List;

/** There is no backend of that name. */
public final class UnknownBackendException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  UnknownBackendException(String name, List<String> names) {
    super("unknown backend '%s'; there are %s".formatted(name, String.join(", ", names)));
  }
}
