package io.popsight.service.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The form of an error by path: the door's own, or else a problem. */
@Component
final class ErrorForms {

  private final List<ErrorForm> doors;
  private final ErrorForm problem;

  ErrorForms(ObjectProvider<ErrorForm> doors, JsonMapper json) {
    this.doors = doors.orderedStream().toList();
    this.problem = new ProblemForm(json);
  }

  ErrorForm of(String path) {
    return doors.stream().filter(form -> form.covers(path)).findFirst().orElse(problem);
  }

  /** What is said where the status says all that is known. */
  static String reason(int status) {
    HttpStatus known = HttpStatus.resolve(status);
    return known == null ? "refused with status " + status : known.getReasonPhrase();
  }

  /** Where Spring does not write it. */
  static void write(ErrorForm.Written written, HttpServletResponse response) throws IOException {
    response.setStatus(written.status());
    response.setContentType(written.contentType());
    response.setContentLength(written.body().length);
    response.getOutputStream().write(written.body());
  }

  /** With its length: some cameras' software cannot read chunks. */
  static ResponseEntity<Object> response(ErrorForm.Written written, HttpHeaders headers) {
    return ResponseEntity.status(written.status())
        .headers(headers)
        .contentType(MediaType.parseMediaType(written.contentType()))
        .contentLength(written.body().length)
        .body(written.body());
  }
}
