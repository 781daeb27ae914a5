package io.popsight.service.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.ServletWebRequest;

/** What a caller says in {@code Accept}. */
final class Accepted {

  /** Sorts what a caller accepts by how much it is liked. */
  private static final ContentNegotiationStrategy ACCEPT = new HeaderContentNegotiationStrategy();

  private Accepted() {}

  /**
   * The answer that the caller likes best.
   *
   * @param answers what it can be, the best first where a caller likes several alike or says
   *     nothing
   * @throws HttpMediaTypeNotAcceptableException if the caller takes none of them
   */
  static MediaType best(HttpServletRequest request, List<MediaType> answers)
      throws HttpMediaTypeNotAcceptableException {
    return ACCEPT.resolveMediaTypes(new ServletWebRequest(request)).stream()
        .filter(liked -> liked.getQualityValue() > 0)
        .flatMap(liked -> answers.stream().filter(liked::includes))
        .findFirst()
        .orElseThrow(() -> new HttpMediaTypeNotAcceptableException(answers));
  }
}
