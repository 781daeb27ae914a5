package io.popsight.service.http;

import io.popsight.service.desk.Refusal;

/**
 * How a door whose clients do not read problem details says that something went wrong. Holds for
 * every failure under its paths, wherever it comes from.
 */
public interface ErrorForm {

  /** Whether a path is behind this door. */
  boolean covers(String path);

  /** What is answered to a refusal. */
  Written refused(Refusal refusal, String message);

  /** What is answered where the server itself failed or refused. */
  Written failed(int status, String message);

  /** The HTTP status that a refusal has unless a door's clients expect another. */
  static int status(Refusal refusal) {
    return Problem.status(refusal).value();
  }

  /**
   * An answer.
   *
   * @param json a document, complete
   */
  record Written(int status, byte[] json) {}
}
