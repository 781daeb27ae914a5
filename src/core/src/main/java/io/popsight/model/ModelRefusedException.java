package io.popsight.model;

import io.popsight.Shortened;

/**
 * A model file that cannot be used; the message names the place in the file and the reason, and
 * quotes the file {@link Shortened}.
 */
public final class ModelRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With a message for the person who made the file. */
  public ModelRefusedException(String message) {
    super(Shortened.of(message));
  }

  /** With the exception that told. */
  public ModelRefusedException(String message, Throwable cause) {
    super(Shortened.of(message), cause);
  }
}
