package io.popsight.service.model;

/**
 * A file of the folder that does not answer, or on other backends alone.
 *
 * @param file its path inside the folder
 * @param fault what kind of fault, for programs
 * @param reason for people
 */
public record RefusedFile(String file, Fault fault, String reason) {

  /** Kinds of fault. */
  public enum Fault {
    /** No Popsight model, or cut off. */
    UNREADABLE,
    /** Another file has the same name and version. */
    DUPLICATE,
    /** The settings ask for something that the model does not have. */
    SETTINGS,
    /** Its backend cannot run it; others may. */
    UNSUPPORTED,
    /** Two backends give different answers. */
    DIFFERENT
  }
}
