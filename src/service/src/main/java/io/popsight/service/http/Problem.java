package io.popsight.service.http;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** Kinds of refusals, each with a stable type. */
enum Problem {
  NOT_A_PHOTO(HttpStatus.BAD_REQUEST, "Not a photo"),
  BROKEN_PHOTO(HttpStatus.BAD_REQUEST, "The photo cannot be decoded"),
  MISSING_PHOTO(HttpStatus.BAD_REQUEST, "No photo in the request"),
  MALFORMED_REQUEST(HttpStatus.BAD_REQUEST, "The request cannot be read"),
  INVALID_PARAMETER(HttpStatus.BAD_REQUEST, "A parameter cannot be used"),
  UNKNOWN_BACKEND(HttpStatus.BAD_REQUEST, "Unknown backend"),
  UNKNOWN_MODEL(HttpStatus.NOT_FOUND, "Unknown model"),
  MODEL_REFUSED(HttpStatus.BAD_REQUEST, "The backend cannot run this model"),
  UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
  TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The photo is too large"),
  QUEUE_FULL(HttpStatus.TOO_MANY_REQUESTS, "Too many photos are waiting");

  private final HttpStatus status;
  private final String title;

  Problem(HttpStatus status, String title) {
    this.status = status;
    this.title = title;
  }

  /** Last part of the type, and the reason in metrics. */
  String slug() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  ProblemDetail detail(String message) {
    ProblemDetail detail = ProblemDetail.forStatusAndDetail(status, message);
    detail.setType(type(slug()));
    detail.setTitle(title);
    return detail;
  }

  /** What the server itself refused, before any of our code saw it: the status is the type. */
  static ProblemDetail ofStatus(int status) {
    HttpStatus known = HttpStatus.resolve(status);
    HttpStatus answered = known == null ? HttpStatus.INTERNAL_SERVER_ERROR : known;
    ProblemDetail detail = ProblemDetail.forStatus(answered);
    detail.setType(type(slug(answered)));
    return detail;
  }

  static String slug(HttpStatus status) {
    return status == HttpStatus.CONTENT_TOO_LARGE
        ? TOO_LARGE.slug()
        : status.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  static URI type(String slug) {
    return URI.create("urn:popsight:problem:" + slug);
  }
}
