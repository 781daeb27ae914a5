package io.popsight;

/**
 * A native library cannot be loaded; the message, in one line, says which, why, from which folder
 * and what helps.
 */
public final class NativeLibraryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  NativeLibraryException(String message, LinkageError cause) {
    super(message, cause);
  }
}
