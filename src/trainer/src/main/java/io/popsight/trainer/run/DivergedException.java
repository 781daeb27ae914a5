package io.popsight.trainer.run;

/** A training whose loss is no longer a number, or has exploded. */
final class DivergedException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  DivergedException(String message) {
    super(message);
  }
}
