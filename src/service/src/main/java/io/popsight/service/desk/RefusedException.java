package io.popsight.service.desk;

/** A request that is refused; the message is for whoever sent it. */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Refusal refusal;
  private final long secondsUntilRetry;

  /** With a message in the caller's terms. */
  public RefusedException(Refusal refusal, String message) {
    this(refusal, message, 1);
  }

  private RefusedException(Refusal refusal, String message, long secondsUntilRetry) {
    super(message);
    this.refusal = refusal;
    this.secondsUntilRetry = secondsUntilRetry;
  }

  /** Of a key that may be used again after so many seconds. */
  public static RefusedException rateLimited(String message, long seconds) {
    return new RefusedException(Refusal.RATE_LIMITED, message, seconds);
  }

  /** Of something that a request asks for and cannot have. */
  public static RefusedException invalid(String message, Object... values) {
    return new RefusedException(Refusal.INVALID_PARAMETER, message.formatted(values));
  }

  /** Why, for programs. */
  public Refusal refusal() {
    return refusal;
  }

  long secondsUntilRetry() {
    return secondsUntilRetry;
  }
}
