package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import io.popsight.service.metrics.RequestInProgress;
import java.net.URI;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** RFC 9457 problems, each with a stable type. */
final class Problem {

  private Problem() {}

  static ProblemDetail of(Refusal refusal, String message) {
    ProblemDetail detail = ProblemDetail.forStatusAndDetail(status(refusal), message);
    detail.setType(type(refusal.slug()));
    detail.setTitle(refusal.title());
    return withRequestId(detail);
  }

  /** What no refusal of ours is: the status is the type. */
  static ProblemDetail of(int status, String message) {
    HttpStatus known = HttpStatus.resolve(status);
    HttpStatus answered = known == null ? HttpStatus.INTERNAL_SERVER_ERROR : known;
    ProblemDetail detail = ProblemDetail.forStatusAndDetail(answered, message);
    detail.setType(type(slug(answered)));
    return withRequestId(detail);
  }

  private static ProblemDetail withRequestId(ProblemDetail detail) {
    RequestInProgress.current().ifPresent(r -> detail.setProperty(RequestInProgress.ID, r.id()));
    return detail;
  }

  static String slug(HttpStatus status) {
    return switch (status) {
      case CONTENT_TOO_LARGE -> Refusal.TOO_LARGE.slug();
      case INTERNAL_SERVER_ERROR -> "internal";
      default -> status.name().toLowerCase(Locale.ROOT).replace('_', '-');
    };
  }

  private static URI type(String slug) {
    return URI.create("urn:popsight:problem:" + slug);
  }

  static HttpStatus status(Refusal refusal) {
    return switch (refusal) {
      case NOT_A_PHOTO,
          BROKEN_PHOTO,
          MISSING_PHOTO,
          MALFORMED_REQUEST,
          INVALID_PARAMETER,
          UNKNOWN_BACKEND,
          MODEL_REFUSED ->
          HttpStatus.BAD_REQUEST;
      case UNKNOWN_MODEL -> HttpStatus.NOT_FOUND;
      case UNSUPPORTED_MEDIA_TYPE -> HttpStatus.UNSUPPORTED_MEDIA_TYPE;
      case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
      case TOO_SLOW -> HttpStatus.REQUEST_TIMEOUT;
      case QUEUE_FULL, RATE_LIMITED -> HttpStatus.TOO_MANY_REQUESTS;
      case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case FORBIDDEN -> HttpStatus.FORBIDDEN;
    };
  }
}
