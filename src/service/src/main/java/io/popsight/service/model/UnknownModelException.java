package io.popsight.service.model;

/** There is no model of that name, or no such version of it. */
public final class UnknownModelException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With the name asked for and the names that there are. */
  public UnknownModelException(String name, Iterable<String> known) {
    super("unknown model '%s'; there are %s".formatted(name, String.join(", ", known)));
  }

  private UnknownModelException(String message) {
    super(message);
  }

  /** The model is there, with other versions than that. */
  public static UnknownModelException version(String name, String version, Iterable<String> known) {
    return new UnknownModelException(
        "%s has no version '%s'; there are %s".formatted(name, version, String.join(", ", known)));
  }
}
