package io.popsight.service.http;

import io.popsight.imaging.PhotoRefusedException;
import io.popsight.model.ModelRefusedException;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.model.UnknownModelException;
import java.util.concurrent.RejectedExecutionException;
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

  private final DetectionMetrics metrics;

  ProblemAdvice(DetectionMetrics metrics) {
    this.metrics = metrics;
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(ProblemException e) {
    return answer(e.problem(), e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(PhotoRefusedException e) {
    Problem problem =
        switch (e.reason()) {
          case EMPTY -> Problem.MISSING_PHOTO;
          case NOT_A_PHOTO -> Problem.NOT_A_PHOTO;
          case UNSUPPORTED_FORMAT -> Problem.UNSUPPORTED_MEDIA_TYPE;
          case TRUNCATED, BROKEN, UNREADABLE -> Problem.BROKEN_PHOTO;
          case TOO_MANY_BYTES, TOO_MANY_PIXELS -> Problem.TOO_LARGE;
        };
    return answer(problem, e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(UnknownModelException e) {
    return answer(Problem.UNKNOWN_MODEL, e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(ModelRefusedException e) {
    return answer(Problem.MODEL_REFUSED, e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(RejectedExecutionException e) {
    metrics.refused(Problem.QUEUE_FULL.slug());
    return ResponseEntity.status(HttpStatus.TOO_MANY_REQUESTS)
        .header(HttpHeaders.RETRY_AFTER, "1")
        .body(Problem.QUEUE_FULL.detail("the queue is full; try again in a second"));
  }

  /** Multipart without a boundary, a query that is not percent-encoded: the caller's mistakes. */
  @ExceptionHandler({MultipartException.class, InvalidParameterException.class})
  ResponseEntity<ProblemDetail> malformed(RuntimeException e) {
    return answer(Problem.MALFORMED_REQUEST, e);
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> failed(RuntimeException e) {
    LOG.error("A request failed", e);
    metrics.refused("internal");
    ProblemDetail detail =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.INTERNAL_SERVER_ERROR, "the request failed; the log says why");
    detail.setType(Problem.type("internal"));
    return ResponseEntity.internalServerError().body(detail);
  }

  private ResponseEntity<ProblemDetail> answer(Problem problem, RuntimeException e) {
    metrics.refused(problem.slug());
    ProblemDetail detail = problem.detail(String.valueOf(e.getMessage()));
    return ResponseEntity.status(detail.getStatus()).body(detail);
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
