package io.popsight.service.http;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.support.StandardServletMultipartResolver;
import org.springframework.web.servlet.DispatcherServlet;

/** Multipart bodies are gathered before a controller sees them, but not those that are streams. */
@Component(DispatcherServlet.MULTIPART_RESOLVER_BEAN_NAME)
class StreamedMultipart extends StandardServletMultipartResolver {

  @Override
  public boolean isMultipart(HttpServletRequest request) {
    return !request.getRequestURI().equals(StreamController.PATH) && super.isMultipart(request);
  }
}
