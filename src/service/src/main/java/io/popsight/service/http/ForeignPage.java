package io.popsight.service.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * A browser sends a form or a text wherever a page wants, without asking before; that the page
 * cannot read the answer does not undo what was asked for. Where no key is needed, any page that
 * somebody looks at could unload the models of a service in his network.
 */
final class ForeignPage {

  private static final List<String> OWN_HOST = List.of(HttpHeaders.HOST, "X-Forwarded-Host");

  /** What browsers say of a request between a page and its own server, or of one without a page. */
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private ForeignPage() {}

  /**
   * Whether a page of another origin sends something. Its scheme is not compared: a proxy may have
   * ended TLS.
   */
  static boolean sends(HttpServletRequest request) {
    if (!request.getMethod().equals(HttpMethod.POST.name())) {
      return false;
    }
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !OWN_SITE.contains(site);
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin != null && hosts(request).noneMatch(origin::endsWith);
  }

  private static Stream<String> hosts(HttpServletRequest request) {
    return OWN_HOST.stream()
        .map(request::getHeader)
        .filter(Objects::nonNull)
        .map(host -> "://" + host);
  }
}
