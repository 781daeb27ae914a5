package io.popsight.model;

/** A model file that cannot be used; the message names the place in the file and the reason. */
public final class ModelRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With a message for the person who made the file. */
  public ModelRefusedException(String message) {
    super(message);
  }

  /** With the exception that told. */
  public ModelRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
