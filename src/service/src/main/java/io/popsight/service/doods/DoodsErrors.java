package io.popsight.service.doods;

import io.popsight.service.desk.Refusal;
import io.popsight.service.http.ErrorForm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** {@code {"error":"...","detections":[]}}; plain text where a picture was asked for. */
@Component
@ConditionalOnProperty(name = "popsight.doors.doods", matchIfMissing = true)
final class DoodsErrors implements ErrorForm {

  private final JsonMapper json;

  DoodsErrors(JsonMapper json) {
    this.json = json;
  }

  @Override
  public boolean covers(String path) {
    return List.of("/detect", "/detectors", "/image", "/stream").contains(path);
  }

  @Override
  public Written refused(String path, Refusal refusal, String message) {
    return switch (refusal) {
      case UNKNOWN_MODEL, UNSUPPORTED_MEDIA_TYPE -> failed(path, 400, message);
      default -> failed(path, ErrorForm.status(refusal), message);
    };
  }

  @Override
  public Written failed(String path, int status, String message) {
    return path.equals("/image")
        ? new Written(status, "text/plain;charset=UTF-8", message.getBytes(StandardCharsets.UTF_8))
        : Written.json(status, json.writeValueAsBytes(DoodsAnswer.failed(null, message)));
  }
}
