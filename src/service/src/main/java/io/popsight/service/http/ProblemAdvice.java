package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import jakarta.servlet.http.HttpServletRequest;
import java.io.UnsupportedEncodingException;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.apache.tomcat.util.http.fileupload.impl.FileCountLimitExceededException;
import org.apache.tomcat.util.http.fileupload.impl.SizeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Every failure in the form that the path's door has for it: {@link ErrorForms}. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

  private final RequestMetrics metrics;
  private final ErrorForms forms;
  private final long mostBytesOfFields;

  ProblemAdvice(RequestMetrics metrics, ErrorForms forms, TomcatServerProperties tomcat) {
    this.metrics = metrics;
    this.forms = forms;
    this.mostBytesOfFields = tomcat.getMaxHttpFormPostSize().toBytes();
  }

  /** Multipart without a boundary, a query that is not percent-encoded. */
  @ExceptionHandler({MultipartException.class, InvalidParameterException.class})
  ResponseEntity<Object> malformed(RuntimeException e, HttpServletRequest request) {
    return failed(refusal(NestedExceptionUtils.getMostSpecificCause(e)), request);
  }

  /** Multipart that has too much of something. */
  @Override
  protected @Nullable ResponseEntity<Object> handleMaxUploadSizeExceededException(
      MaxUploadSizeExceededException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return malformed(e, ((ServletWebRequest) request).getRequest());
  }

  private RefusedException refusal(Throwable cause) {
    return switch (cause) {
      case RefusedException e -> e;
      case SizeException e ->
          new RefusedException(Refusal.TOO_LARGE, String.valueOf(e.getMessage()));
      case FileCountLimitExceededException e ->
          new RefusedException(
              Refusal.TOO_LARGE, "the body has more than %d parts".formatted(e.getLimit()));
      case InvalidParameterException e ->
          new RefusedException(Refusal.MALFORMED_REQUEST, String.valueOf(e.getMessage()));
      // Tomcat has no type of its own for it; those above are of this one too.
      case IllegalStateException _ ->
          new RefusedException(
              Refusal.TOO_LARGE,
              "the form fields have more than %d bytes; send the photo with a filename"
                  .formatted(mostBytesOfFields));
      case CharacterCodingException _ ->
          new RefusedException(Refusal.MALFORMED_REQUEST, "a parameter is not UTF-8");
      // An encoded word that is none, a character set that nobody knows.
      case IllegalArgumentException _, UnsupportedEncodingException _ ->
          new RefusedException(Refusal.MALFORMED_REQUEST, "a part's header cannot be read");
      default ->
          new RefusedException(Refusal.MALFORMED_REQUEST, String.valueOf(cause.getMessage()));
    };
  }

  /** The caller left, be it while its photo was read or while its answer was written. */
  @ExceptionHandler
  @Nullable ResponseEntity<Object> gone(ClientAbortException e) {
    return gone();
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleAsyncRequestNotUsableException(
      AsyncRequestNotUsableException e, WebRequest request) {
    return gone();
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleHttpMessageNotWritable(
      HttpMessageNotWritableException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return RequestTimer.callerIsGone(e)
        ? gone()
        : super.handleHttpMessageNotWritable(e, headers, status, request);
  }

  /** Nobody is there to read a problem, and it is none of ours. */
  private static @Nullable ResponseEntity<Object> gone() {
    RequestInProgress.current().ifPresent(request -> request.endsAs(Outcome.CANCELLED));
    return null;
  }

  @ExceptionHandler
  ResponseEntity<Object> failed(RuntimeException e, HttpServletRequest request) {
    return Refusal.counted(e, metrics)
        .map(refusal -> refused(refusal, e, request))
        .orElseGet(() -> broken(e, request));
  }

  /** The problem that a failure is, counted, where it goes into a stream rather than a response. */
  ProblemDetail told(RuntimeException e) {
    Optional<Refusal> refusal = Refusal.counted(e, metrics);
    if (refusal.isPresent()) {
      return Problem.of(refusal.get(), Refusal.message(e));
    }
    LOG.error("A photo of a stream failed", e);
    return Problem.of(500, "the photo failed; the log says why");
  }

  private ResponseEntity<Object> refused(
      Refusal refusal, RuntimeException e, HttpServletRequest request) {
    String message = Refusal.message(e);
    HttpHeaders headers = new HttpHeaders();
    Refusal.secondsUntilRetry(e)
        .ifPresent(seconds -> headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    if (refusal == Refusal.UNAUTHENTICATED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"popsight\"");
    }
    String path = request.getRequestURI();
    return ErrorForms.response(forms.of(path).refused(path, refusal, message), headers);
  }

  private ResponseEntity<Object> broken(RuntimeException e, HttpServletRequest request) {
    LOG.error("A request failed", e);
    String path = request.getRequestURI();
    return ErrorForms.response(
        forms.of(path).failed(path, 500, "the request failed; the log says why"),
        new HttpHeaders());
  }

  /** What Spring itself refuses. */
  @Override
  protected ResponseEntity<Object> createResponseEntity(
      @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
    if (!(body instanceof ProblemDetail detail)) {
      return super.createResponseEntity(body, headers, status, request);
    }
    String slug = Problem.slug(HttpStatus.valueOf(status.value()));
    metrics.refused(slug, Outcome.ofHttp(status.value()));
    String message = detail.getDetail() == null ? slug : detail.getDetail();
    String path = ((ServletWebRequest) request).getRequest().getRequestURI();
    return ErrorForms.response(forms.of(path).failed(path, status.value(), message), headers);
  }
}
