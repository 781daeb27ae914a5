package io.popsight.service.http;

import io.popsight.service.access.Route;
import io.popsight.service.access.Routes;
import io.popsight.service.desk.Refusal;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Measures whole requests for detections, from the first byte read to the last one written. Outside
 * every other filter of ours, so that what they refuse is measured too; inside tracing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class RequestTimer extends OncePerRequestFilter {

  private final RequestMetrics metrics;

  RequestTimer(RequestMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<Door> door = Routes.ofHttp(request).flatMap(Route::photo);
    if (door.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    RequestInProgress started = metrics.arrived(door.get());
    Outcome outcome = Outcome.ERROR;
    try {
      metrics.<Exception>within(started, () -> chain.doFilter(request, response));
      outcome = started.outcome(Outcome.ofHttp(response.getStatus()));
    } catch (IOException | ServletException | RuntimeException e) {
      if (callerIsGone(e)) {
        outcome = Outcome.CANCELLED;
      } else if (e instanceof BadRequestException) {
        // Tomcat answers what it cannot read.
        outcome = Outcome.REFUSED;
        metrics.<RuntimeException>within(
            started, () -> metrics.refused(Refusal.MALFORMED_REQUEST.slug(), Outcome.REFUSED));
      }
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    } finally {
      metrics.ended(started, outcome);
    }
  }

  /** Whether a request failed because nobody is there to read its answer. */
  static boolean callerIsGone(Throwable failure) {
    boolean writing = false;
    for (Throwable e = failure; e != null; e = e.getCause()) {
      writing |= e instanceof HttpMessageNotWritableException;
      if (e instanceof ClientAbortException
          || e instanceof AsyncRequestNotUsableException
          || (writing && e instanceof IOException)) {
        return true;
      }
    }
    return false;
  }
}
