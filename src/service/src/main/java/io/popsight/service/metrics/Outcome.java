package io.popsight.service.metrics;

import java.util.Locale;

/** How a request ended, the same words for every protocol. */
public enum Outcome {
  /** Answered. */
  OK,
  /** The caller's mistake, or more than its key may ask for. */
  REFUSED,
  /** Turned away, or not done within the service's deadline: there is too much to do. */
  OVERLOADED,
  /** The caller went away or its own deadline passed. */
  CANCELLED,
  /** A fault of ours: what the error budget is spent on. */
  ERROR;

  private static final int CLIENT_CLOSED = 499;
  private static final int DEADLINE_PASSED = 504;

  /** The outcome that an HTTP status stands for. */
  public static Outcome ofHttp(int status) {
    return switch (status) {
      case 429, 503 -> OVERLOADED;
      case CLIENT_CLOSED, DEADLINE_PASSED -> CANCELLED;
      default -> status < 400 ? OK : status < 500 ? REFUSED : ERROR;
    };
  }

  /** As a label's value. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
