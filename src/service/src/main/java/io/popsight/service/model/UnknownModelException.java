package io.popsight.service.model;

/** There is no model of that name. */
public final class UnknownModelException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With the name asked for and the names that there are. */
  public UnknownModelException(String name, Iterable<String> known) {
    super("unknown model '%s'; there are %s".formatted(name, String.join(", ", known)));
  }
}
