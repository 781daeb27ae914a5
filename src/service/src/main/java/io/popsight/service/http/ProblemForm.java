package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import java.net.URI;
import java.net.URISyntaxException;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** RFC 9457 problems, under every path that has no other form. */
final class ProblemForm implements ErrorForm {

  private final JsonMapper json;

  ProblemForm(JsonMapper json) {
    this.json = json;
  }

  @Override
  public boolean covers(String path) {
    return true;
  }

  @Override
  public Written refused(String path, Refusal refusal, String message) {
    return written(path, Problem.of(refusal, message));
  }

  @Override
  public Written failed(String path, int status, String message) {
    return written(path, Problem.of(status, message));
  }

  private Written written(String path, ProblemDetail detail) {
    try {
      detail.setInstance(new URI(path));
    } catch (URISyntaxException _) {
      // Tomcat refuses some requests for just that: the problem is told without it.
    }
    return new Written(
        detail.getStatus(),
        MediaType.APPLICATION_PROBLEM_JSON_VALUE,
        json.writeValueAsBytes(detail));
  }
}
