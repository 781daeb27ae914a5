package io.popsight.service.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.ServletWebRequest;

/** What a caller says in {@code Accept}. */
final class Accepted {

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
    List<MediaType> ranges = ACCEPT.resolveMediaTypes(new ServletWebRequest(request));
    return ranges.stream()
        .filter(range -> range.getQualityValue() > 0)
        .sorted(Comparator.comparingDouble(MediaType::getQualityValue).reversed())
        .flatMap(range -> answers.stream().filter(answer -> decides(range, answer, ranges)))
        .findFirst()
        .orElseThrow(() -> new HttpMediaTypeNotAcceptableException(answers));
  }

  /** Of several that include an answer the closest one says how much it is liked (RFC 9110). */
  private static boolean decides(MediaType range, MediaType answer, List<MediaType> ranges) {
    return ranges.stream()
        .filter(other -> other.includes(answer))
        .min(
            Comparator.comparing(MediaType::isWildcardType)
                .thenComparing(MediaType::isWildcardSubtype))
        .filter(range::equals)
        .isPresent();
  }
}
