package io.popsight.service.http;

import io.popsight.service.Draining;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * While the service drains, an answer is the last of its connection and says so: a client that kept
 * the connection would lose the request that meets its end, and no client repeats a POST by itself.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class LastAnswer extends OncePerRequestFilter {

  private final Draining draining;

  LastAnswer(Draining draining) {
    this.draining = draining;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if ("websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
      // Its answer begins a connection, and says another word in this header.
      chain.doFilter(request, response);
      return;
    }
    say(response);
    chain.doFilter(request, new Written(response));
  }

  void say(HttpServletResponse response) {
    if (draining.hasBegun()) {
      response.setHeader(HttpHeaders.CONNECTION, "close");
    }
  }

  /** A photo may wait for long: whether the service drains is asked again when it is answered. */
  private final class Written extends HttpServletResponseWrapper {

    Written(HttpServletResponse response) {
      super(response);
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      say(this);
      return super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
      say(this);
      return super.getWriter();
    }
  }
}
