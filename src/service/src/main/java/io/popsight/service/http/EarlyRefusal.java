package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import io.popsight.service.access.Access;
import io.popsight.service.access.Route;
import io.popsight.service.access.Routes;
import io.popsight.service.desk.Refusal;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Refuses a photo that finds no place before Spring sees the request: under overload most requests
 * are refused, and what that costs is taken from the photos that have a place. With keys it must be
 * known first who asks, and pages of other origins read an answer only with {@link CrossOrigin}'s
 * headers; then it is left to {@link AccessFilter}.
 */
@Component
class EarlyRefusal implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

  private final boolean early;
  private final InferencePool pool;
  private final RequestMetrics metrics;
  private final ErrorForms forms;
  private final LastAnswer lastAnswer;

  EarlyRefusal(
      Access access,
      PopsightProperties properties,
      InferencePool pool,
      RequestMetrics metrics,
      ErrorForms forms,
      LastAnswer lastAnswer) {
    this.early = access.isOpen() && properties.corsOrigins().isEmpty();
    this.pool = pool;
    this.metrics = metrics;
    this.forms = forms;
    this.lastAnswer = lastAnswer;
  }

  @Override
  public void customize(ConfigurableTomcatWebServerFactory factory) {
    if (early) {
      factory.addContextCustomizers(
          context -> context.getParent().getPipeline().addValve(new PlaceValve()));
    }
  }

  private final class PlaceValve extends ValveBase {

    PlaceValve() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      // What Tomcat could not read comes by here too, without a path.
      Optional<Door> door =
          Optional.ofNullable(request.getRequestURI())
              .flatMap(_ -> Routes.ofHttp(request))
              .flatMap(Route::photo);
      if (door.isEmpty() || pool.hasPlace(new Caller(request.getRemoteAddr(), Caller.PATIENT))) {
        getNext().invoke(request, response);
        return;
      }
      RequestInProgress started = metrics.arrived(door.get());
      Outcome outcome = Outcome.ERROR;
      try {
        metrics.refused(Refusal.QUEUE_FULL.slug(), Outcome.OVERLOADED);
        refuse(request, response);
        outcome = Outcome.OVERLOADED;
      } finally {
        metrics.ended(started, outcome);
      }
    }

    private void refuse(Request request, Response response) throws IOException {
      String path = request.getRequestURI();
      RejectedExecutionException full = InferencePool.full();
      String message = String.valueOf(full.getMessage());
      ErrorForm.Written written = forms.of(path).refused(path, Refusal.QUEUE_FULL, message);
      AccessFilter.protect(response);
      lastAnswer.say(response);
      Refusal.secondsUntilRetry(full)
          .ifPresent(
              seconds -> response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
      ErrorForms.write(written, response);
    }
  }
}
