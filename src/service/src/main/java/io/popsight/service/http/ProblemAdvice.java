package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import io.popsight.service.metrics.RequestMetrics;
import java.util.Objects;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Every failure as an RFC 9457 problem with a stable type. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

  private final RequestMetrics metrics;

  ProblemAdvice(RequestMetrics metrics) {
    this.metrics = metrics;
  }

  /** Multipart without a boundary, a query that is not percent-encoded: the caller's mistakes. */
  @ExceptionHandler({MultipartException.class, InvalidParameterException.class})
  ResponseEntity<ProblemDetail> malformed(RuntimeException e) {
    return refused(Refusal.MALFORMED_REQUEST, e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> failed(RuntimeException e) {
    return Refusal.of(e).map(refusal -> refused(refusal, e)).orElseGet(() -> broken(e));
  }

  /** The problem that a failure is, counted, where it goes into a stream rather than a response. */
  ProblemDetail told(RuntimeException e) {
    return Objects.requireNonNull(failed(e).getBody());
  }

  private ResponseEntity<ProblemDetail> refused(Refusal refusal, RuntimeException e) {
    metrics.refused(refusal.slug());
    ProblemDetail detail = Problem.of(refusal, String.valueOf(e.getMessage()));
    ResponseEntity.BodyBuilder answer = ResponseEntity.status(detail.getStatus());
    if (refusal == Refusal.QUEUE_FULL || refusal == Refusal.RATE_LIMITED) {
      answer.header(HttpHeaders.RETRY_AFTER, "1");
    }
    if (refusal == Refusal.UNAUTHENTICATED) {
      answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"popsight\"");
    }
    return answer.body(detail);
  }

  private ResponseEntity<ProblemDetail> broken(RuntimeException e) {
    LOG.error("A request failed", e);
    metrics.refused("internal");
    ProblemDetail detail =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.INTERNAL_SERVER_ERROR, "the request failed; the log says why");
    detail.setType(Problem.type("internal"));
    return ResponseEntity.internalServerError().body(detail);
  }

  /** What Spring itself refuses gets a type too: that of its status. */
  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception e,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    Object answer = body == null && e instanceof ErrorResponse error ? error.getBody() : body;
    if (answer instanceof ProblemDetail detail) {
      String slug = Problem.slug(HttpStatus.valueOf(status.value()));
      detail.setType(Problem.type(slug));
      metrics.refused(slug);
    }
    return super.handleExceptionInternal(e, answer, headers, status, request);
  }
}
