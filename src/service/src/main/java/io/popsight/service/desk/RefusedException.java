package io.popsight.service.desk;

/** A request that is refused; the message is for whoever sent it. */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Refusal refusal;

  /** With a message in the caller's terms. */
  public RefusedException(Refusal refusal, String message) {
    super(message);
    this.refusal = refusal;
  }

  /** Of something that a request asks for and cannot have. */
  public static RefusedException invalid(String message, Object... values) {
    return new RefusedException(Refusal.INVALID_PARAMETER, message.formatted(values));
  }

  /** Why, for programs. */
  public Refusal refusal() {
    return refusal;
  }
}
