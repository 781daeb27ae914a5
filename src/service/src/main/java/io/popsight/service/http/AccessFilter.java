package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import io.popsight.service.access.Access;
import io.popsight.service.access.Need;
import io.popsight.service.access.Route;
import io.popsight.service.access.Routes;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestMetrics;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Before anything of a request's body is read: is there memory for it, is the caller let in, and
 * would its photo find a place? Then the request runs in the caller's name.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class AccessFilter extends OncePerRequestFilter {

  static final String KEY_HEADER = "X-API-Key";

  /** What DOODS' clients send. */
  private static final String DOODS_HEADER = "doods-auth-key";

  /** Seconds, with a fraction. */
  static final String TIMEOUT_HEADER = "X-Request-Timeout";

  private static final double MOST_SECONDS = 3600;

  private final Access access;
  private final InferencePool pool;
  private final BodyMemory bodies;
  private final CorsConfiguration origins;
  private final ErrorForms forms;
  private final RequestMetrics metrics;
  private final HandlerExceptionResolver refusals;

  AccessFilter(
      Access access,
      InferencePool pool,
      BodyMemory bodies,
      PopsightProperties properties,
      ErrorForms forms,
      RequestMetrics metrics,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    this.access = access;
    this.pool = pool;
    this.bodies = bodies;
    this.origins = CrossOrigin.named(properties);
    this.forms = forms;
    this.metrics = metrics;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    protect(response);
    Optional<Route> route = Routes.ofHttp(request);
    if (route.isEmpty()) {
      // Not by Spring, which decodes the path for its answers too, and by no route, hence
      // uncounted.
      metrics.refused(Refusal.MALFORMED_REQUEST.slug(), Outcome.REFUSED);
      String path = request.getRequestURI();
      ErrorForms.write(
          forms.of(path).refused(path, Refusal.MALFORMED_REQUEST, "the path cannot be decoded"),
          response);
      return;
    }
    try (BodyMemory.Share share = bodies.open()) {
      request.setAttribute(BodyMemory.OF_REQUEST, share);
      serve(request, response, chain, share, route.get().need());
    }
  }

  private void serve(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      BodyMemory.Share share,
      Need need)
      throws ServletException, IOException {
    Caller caller;
    HttpServletRequest counted;
    try {
      requireOwnPage(request);
      counted =
          need.photo() || readsForm(request)
              ? CountedBody.of(InflatedBody.of(request), share)
              : request;
      caller = enter(counted, need);
    } catch (RuntimeException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    try {
      Object _ =
          caller.call(
              () -> {
                chain.doFilter(counted, response);
                return true;
              });
    } catch (ServletException | IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }

  private void requireOwnPage(HttpServletRequest request) {
    if (ForeignPage.sends(request)
        && origins.checkOrigin(request.getHeader(HttpHeaders.ORIGIN)) == null) {
      throw new RefusedException(
          Refusal.FORBIDDEN, "only pages of the origins in popsight.cors-origins may ask");
    }
  }

  private Caller enter(HttpServletRequest request, Need need) {
    if (CorsUtils.isPreFlightRequest(request)) {
      return new Caller(request.getRemoteAddr(), Caller.PATIENT);
    }
    Optional<Access.Entered> entered = access.enter(need, secret(request));
    Duration patience = patience(request);
    Caller caller =
        entered
            .map(by -> new Caller(by.key(), patience, by.charge()))
            .orElseGet(() -> new Caller(request.getRemoteAddr(), patience));
    if (need.photo()) {
      caller.run(pool::requirePlace);
    }
    return caller;
  }

  private static Optional<String> secret(HttpServletRequest request) {
    return Access.bearer(request.getHeader(HttpHeaders.AUTHORIZATION))
        .or(() -> Optional.ofNullable(request.getHeader(KEY_HEADER)))
        .or(() -> Optional.ofNullable(request.getHeader(DOODS_HEADER)))
        .or(() -> formField(request));
  }

  /**
   * DeepStack's clients send the key beside the photo, so that here the body is read first: one
   * that says how long it is, since others could be of any size.
   */
  private static boolean readsForm(HttpServletRequest request) {
    return request.getRequestURI().startsWith("/v1/vision/") && request.getContentLengthLong() >= 0;
  }

  private static Optional<String> formField(HttpServletRequest request) {
    try {
      return readsForm(request)
          ? Optional.ofNullable(request.getParameter("api_key")).filter(key -> !key.isEmpty())
          : Optional.empty();
    } catch (IllegalStateException | IllegalArgumentException e) {
      // What Spring makes of it where it reads the form: of itself it may mean anything.
      throw new MultipartException("the form cannot be read", e);
    }
  }

  private static Duration patience(HttpServletRequest request) {
    String seconds = request.getHeader(TIMEOUT_HEADER);
    if (seconds == null) {
      return Caller.PATIENT;
    }
    try {
      double asked = Double.parseDouble(seconds);
      if (asked > 0) {
        return Duration.ofNanos((long) (Math.min(asked, MOST_SECONDS) * 1e9));
      }
    } catch (NumberFormatException e) {
      throw noTimeout(seconds);
    }
    throw noTimeout(seconds);
  }

  private static RefusedException noTimeout(String seconds) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER,
        "%s must be a number of seconds above 0, got '%s'".formatted(TIMEOUT_HEADER, seconds));
  }

  /** A page that needs more sets its own policy in the place of this one. */
  static void protect(HttpServletResponse response) {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
  }
}
