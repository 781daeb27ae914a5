package io.popsight.service.model;

/** There is no model of that name, or no such version of it. */
public final class UnknownModelException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With the name asked for and the names that there are. */
  public UnknownModelException(String name, Iterable<String> known) {
    super("unknown model '%s'; there %s".formatted(name, listed(known)));
  }

  private UnknownModelException(String message) {
    super(message);
  }

  /** The model is there, with other versions than that. */
  public static UnknownModelException version(String name, String version, Iterable<String> known) {
    return new UnknownModelException(
        "%s has no version '%s'; there %s".formatted(name, version, listed(known)));
  }

  private static String listed(Iterable<String> known) {
    String names = String.join(", ", known);
    return names.isEmpty() ? "is none" : "are " + names;
  }
}
