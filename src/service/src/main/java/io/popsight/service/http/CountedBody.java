package io.popsight.service.http;

import io.popsight.service.desk.BodyMemory;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.springframework.util.StringUtils;

/** A request whose body does not say how long it is: its bytes count as they come. */
final class CountedBody extends HttpServletRequestWrapper {

  /** Tomcat has a part as it came and as one array, and we have it too. */
  private static final int COPIES_OF_PARTS = 3;

  /** The body, base64 as text or a tensor's bytes, and the photo. */
  private static final int COPIES_OF_DOCUMENTS = 4;

  private final BodyMemory.Share share;
  private final int copies;

  private CountedBody(HttpServletRequest request, BodyMemory.Share share, int copies) {
    super(request);
    this.share = share;
    this.copies = copies;
  }

  /**
   * A request that holds memory for its body: all of it from now on where it says how long it is.
   *
   * @throws io.popsight.service.desk.RefusedException if there is none
   */
  static HttpServletRequest of(HttpServletRequest request, BodyMemory.Share share) {
    long length = request.getContentLengthLong();
    int copies = copies(request);
    if (length < 0) {
      // Tomcat reads a form from the request beneath this one.
      if (isForm(request)) {
        IncomingBodies.count(request, bytes -> share.grow(copies * bytes));
        return request;
      }
      return new CountedBody(request, share, copies);
    }
    // Anybody may write any length.
    share.grow(copies * Math.min(length, Long.MAX_VALUE / copies));
    return request;
  }

  private static boolean isForm(HttpServletRequest request) {
    return StringUtils.startsWithIgnoreCase(request.getContentType(), "multipart/");
  }

  private static int copies(HttpServletRequest request) {
    if (isForm(request)) {
      return COPIES_OF_PARTS;
    }
    return request.getRequestURI().endsWith("/v1/detect") ? 1 : COPIES_OF_DOCUMENTS;
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    ServletInputStream body = super.getInputStream();
    return new PassedInput(body) {

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = body.read(bytes, offset, length);
        share.grow((long) copies * Math.max(0, read));
        return read;
      }
    };
  }
}
