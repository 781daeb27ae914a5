package io.popsight.service.http;

import io.popsight.service.desk.GzipMember;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.springframework.http.HttpHeaders;
import org.springframework.util.StringUtils;

/**
 * An infer request that came packed, as tritonclient sends it when asked to, with its body as it
 * was before: of a length that nobody has said.
 */
final class InflatedBody extends HttpServletRequestWrapper {

  private final String encoding;

  private InflatedBody(HttpServletRequest request, String encoding) {
    super(request);
    this.encoding = encoding;
  }

  /**
   * The request itself if it is not packed, or in no way that is known here. A multipart body is
   * read by Tomcat, past this.
   */
  static HttpServletRequest of(HttpServletRequest request) {
    String encoding =
        String.valueOf(request.getHeader(HttpHeaders.CONTENT_ENCODING)).toLowerCase(Locale.ROOT);
    boolean known = encoding.equals("gzip") || encoding.equals("deflate");
    boolean multipart = StringUtils.startsWithIgnoreCase(request.getContentType(), "multipart/");
    return known && !multipart && request.getRequestURI().endsWith("/infer")
        ? new InflatedBody(request, encoding)
        : request;
  }

  @Override
  public long getContentLengthLong() {
    return -1;
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return name.equalsIgnoreCase(HttpHeaders.CONTENT_ENCODING)
        ? Collections.emptyEnumeration()
        : super.getHeaders(name);
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    ServletInputStream packed = super.getInputStream();
    InputStream body = unpacked(packed);
    return new PassedInput(packed) {

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
          return body.read(bytes, offset, length);
        } catch (ZipException | EOFException e) {
          throw broken(e);
        }
      }

      @Override
      public void close() throws IOException {
        body.close();
      }
    };
  }

  private InputStream unpacked(InputStream packed) throws IOException {
    try {
      return encoding.equals("gzip") ? new GzipMember(packed) : new InflaterInputStream(packed);
    } catch (ZipException | EOFException e) {
      throw broken(e);
    }
  }

  private RefusedException broken(IOException e) {
    String reason = e instanceof EOFException ? "it ends too early" : e.getMessage();
    return new RefusedException(
        Refusal.MALFORMED_REQUEST, "the body is not %s: %s".formatted(encoding, reason));
  }
}
