package io.popsight.service.detect;

/** A photo waited until nobody wanted the answer any more. */
public final class DeadlineExceededException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With how long it waited. */
  public DeadlineExceededException(long waitedMillis) {
    super("the photo waited %d ms, longer than its deadline".formatted(waitedMillis));
  }
}
