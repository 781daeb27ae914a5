package io.popsight.service.deepstack;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.Refusal;
import io.popsight.service.http.ErrorForm;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** {@code {"success":false,"error":"..."}} in DeepStack's own words where it has some. */
@Component
@ConditionalOnProperty(name = "popsight.doors.deepstack", matchIfMissing = true)
final class VisionErrors implements ErrorForm {

  private final JsonMapper json;
  private final boolean alwaysOk;

  VisionErrors(JsonMapper json, PopsightProperties properties) {
    this.json = json;
    this.alwaysOk = properties.deepstack().alwaysOk();
  }

  @Override
  public boolean covers(String path) {
    return path.startsWith("/v1/vision/")
        || path.startsWith("/v1/status/")
        || path.startsWith("/v1/server/");
  }

  @Override
  public Written refused(String path, Refusal refusal, String message) {
    return switch (refusal) {
      case MISSING_PHOTO -> failed(path, 400, "No valid image file found");
      case NOT_A_PHOTO, BROKEN_PHOTO, UNSUPPORTED_MEDIA_TYPE ->
          failed(path, 400, "invalid image file");
      case QUEUE_FULL -> failed(path, 503, "Request queue is full");
      case RATE_LIMITED -> failed(path, 503, message);
      case DEADLINE_EXCEEDED -> written(500, "failed to process request before timeout");
      case UNAUTHENTICATED -> failed(path, 401, "Incorrect api key");
      case UNKNOWN_MODEL,
          FORBIDDEN,
          TOO_LARGE,
          TOO_SLOW,
          MALFORMED_REQUEST,
          INVALID_PARAMETER,
          UNKNOWN_BACKEND,
          MODEL_REFUSED ->
          failed(path, ErrorForm.status(refusal), message);
    };
  }

  /** The document says the status whatever goes over the wire. */
  @Override
  public Written failed(String path, int status, String message) {
    return written(status, status == 500 ? "error occured on the server" : message);
  }

  private Written written(int status, String error) {
    return Written.json(
        alwaysOk ? 200 : status, json.writeValueAsBytes(VisionAnswer.failed(status, error)));
  }
}
