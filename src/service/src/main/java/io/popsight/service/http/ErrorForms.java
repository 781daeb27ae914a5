package io.popsight.service.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** The doors' own forms, by path. */
@Component
final class ErrorForms {

  private final List<ErrorForm> forms;

  ErrorForms(ObjectProvider<ErrorForm> forms) {
    this.forms = forms.orderedStream().toList();
  }

  Optional<ErrorForm> of(String path) {
    return forms.stream().filter(form -> form.covers(path)).findFirst();
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
