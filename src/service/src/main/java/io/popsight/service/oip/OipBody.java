package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The body of a request, whatever its content type is called: curl's own is a form's. */
final class OipBody {

  private OipBody() {}

  /**
   * All of it.
   *
   * @throws RefusedException if it has more bytes than {@code most}
   */
  static byte[] read(HttpServletRequest request, int most) throws IOException {
    boolean announced = request.getContentLengthLong() > most;
    byte[] body = announced ? new byte[0] : request.getInputStream().readNBytes(most + 1);
    if (announced || body.length > most) {
      throw new RefusedException(
          Refusal.TOO_LARGE, "a request holds at most %d bytes".formatted(most));
    }
    return body;
  }
}
