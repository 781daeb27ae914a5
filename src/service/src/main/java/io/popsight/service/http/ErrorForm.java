package io.popsight.service.http;

import io.popsight.service.desk.Refusal;

/**
 * How a door whose clients do not read problem details says that something went wrong. Holds for
 * every failure under its paths, wherever it comes from.
 */
public interface ErrorForm {

  /** Whether a path is behind this door. */
  boolean covers(String path);

  /** What is answered to a refusal of a request for a path. */
  Written refused(String path, Refusal refusal, String message);

  /** What is answered where the server itself failed or refused. */
  Written failed(String path, int status, String message);

  /** The HTTP status that a refusal has unless a door's clients expect another. */
  static int status(Refusal refusal) {
    return Problem.status(refusal).value();
  }

  /**
   * An answer.
   *
   * @param contentType of the body
   * @param body complete
   */
  record Written(int status, String contentType, byte[] body) {

    /** A JSON document. */
    public static Written json(int status, byte[] document) {
      return new Written(status, "application/json", document);
    }
  }
}
