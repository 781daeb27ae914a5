package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request, whatever its content type is called: curl's own is a form's. */
final class OipBody {

  private OipBody() {}

  /**
   * All of it.
   *
   * @throws RefusedException if it has more bytes than {@code most}
   */
  static byte[] read(HttpServletRequest request, int most) throws IOException {
    if (request.getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    try (InputStream in = request.getInputStream()) {
      byte[] body = in.readNBytes(most + 1);
      if (body.length > most) {
        throw tooLarge(most);
      }
      return body;
    }
  }

  private static RefusedException tooLarge(int most) {
    return new RefusedException(
        Refusal.TOO_LARGE, "a request holds at most %d bytes".formatted(most));
  }
}
