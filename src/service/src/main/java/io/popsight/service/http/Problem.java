package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;

/** RFC 9457 problems, each with a stable type. */
final class Problem {

  /** Seconds after which a place may be free again: a queue is worked off in less. */
  static final String RETRY_AFTER = "1";

  private Problem() {}

  static ProblemDetail of(Refusal refusal, String message) {
    ProblemDetail detail = ProblemDetail.forStatusAndDetail(status(refusal), message);
    detail.setType(type(refusal.slug()));
    detail.setTitle(refusal.title());
    return detail;
  }

  /** The document, for where Spring does not write it; nothing of a request may be in it. */
  static ErrorForm.Written written(ProblemDetail detail) {
    String said =
        detail.getDetail() == null ? "" : "\"detail\":\"%s\",".formatted(detail.getDetail());
    String json =
        "{%s\"status\":%d,\"title\":\"%s\",\"type\":\"%s\"}"
            .formatted(said, detail.getStatus(), detail.getTitle(), detail.getType());
    return new ErrorForm.Written(
        detail.getStatus(),
        MediaType.APPLICATION_PROBLEM_JSON_VALUE,
        json.getBytes(StandardCharsets.UTF_8));
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
        ? Refusal.TOO_LARGE.slug()
        : status.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static URI type(String slug) {
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
      case QUEUE_FULL, RATE_LIMITED -> HttpStatus.TOO_MANY_REQUESTS;
      case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case FORBIDDEN -> HttpStatus.FORBIDDEN;
    };
  }
}
