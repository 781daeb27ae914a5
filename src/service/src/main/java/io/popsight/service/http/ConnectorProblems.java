package io.popsight.service.http;

import java.io.IOException;
import java.util.Objects;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * A request that Tomcat refuses before Spring sees it is answered in the form of the path's door,
 * not with HTML.
 */
@Component
class ConnectorProblems implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

  private final ErrorForms forms;

  ConnectorProblems(ErrorForms forms) {
    this.forms = forms;
  }

  @Override
  public void customize(ConfigurableTomcatWebServerFactory factory) {
    factory.addContextCustomizers(
        context -> context.getParent().getPipeline().addValve(new ProblemValve(forms)));
  }

  private static final class ProblemValve extends ErrorReportValve {

    private final ErrorForms forms;

    ProblemValve(ErrorForms forms) {
      this.forms = forms;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      int status = response.getStatus();
      if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
        return;
      }
      // None of a line that is no request.
      String path = Objects.requireNonNullElse(request.getRequestURI(), "/");
      ErrorForm.Written written = forms.of(path).failed(path, status, ErrorForms.reason(status));
      try {
        ErrorForms.write(written, response);
        response.finishResponse();
      } catch (IOException e) {
        container.getLogger().debug("The caller left before the answer", e);
      }
    }
  }
}
