package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.http.ErrorForm;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** {@code {"error": "..."}} and a status, which is all that the protocol says. */
@Component
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
final class OipErrors implements ErrorForm {

  private final JsonMapper json;

  OipErrors(JsonMapper json) {
    this.json = json;
  }

  @Override
  public boolean covers(String path) {
    return path.equals("/v2") || path.startsWith("/v2/");
  }

  @Override
  public Written refused(String path, Refusal refusal, String message) {
    return failed(path, ErrorForm.status(refusal), message);
  }

  @Override
  public Written failed(String path, int status, String message) {
    return Written.json(status, json.writeValueAsBytes(Map.of("error", message)));
  }
}
