package io.popsight.service.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where the servlet container sends what no controller answered, a TRACE for example. */
@RestController
class ErrorPage implements ErrorController {

  private final ErrorForms forms;

  ErrorPage(ErrorForms forms) {
    this.forms = forms;
  }

  @RequestMapping("/error")
  ResponseEntity<Object> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    String path = String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
    ProblemDetail detail = Problem.ofStatus(status instanceof Integer code ? code : 404);
    return forms
        .of(path)
        .map(
            form ->
                ErrorForms.response(
                    form.failed(path, detail.getStatus(), String.valueOf(detail.getTitle())),
                    new HttpHeaders()))
        .orElseGet(
            () ->
                ResponseEntity.status(detail.getStatus())
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(detail));
  }
}
