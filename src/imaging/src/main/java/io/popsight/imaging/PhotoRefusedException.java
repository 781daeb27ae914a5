package io.popsight.imaging;

/**
 * A photo that is not decoded, or not written as the file that was asked for; the message is for
 * whoever sent it.
 */
public final class PhotoRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** There is not one byte. */
    EMPTY,
    /** No known kind of picture. */
    NOT_A_PHOTO,
    /** A picture, but of a kind that is not decoded here. */
    UNSUPPORTED_FORMAT,
    /** The end is missing. */
    TRUNCATED,
    /** More bytes than allowed. */
    TOO_MANY_BYTES,
    /** More pixels, or more memory a pixel, than allowed or than the file format holds. */
    TOO_MANY_PIXELS,
    /** Damaged inside. */
    BROKEN,
    /** The file cannot be read at all. */
    UNREADABLE
  }

  private final Reason reason;

  PhotoRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  PhotoRefusedException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why, for programs. */
  public Reason reason() {
    return reason;
  }
}
