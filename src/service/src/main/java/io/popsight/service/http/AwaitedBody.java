package io.popsight.service.http;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * A body whose sender was silent for too long is refused. As the {@link IOException} that Tomcat
 * throws it would pass for the body's end between two parts.
 */
final class AwaitedBody extends FilterInputStream {

  AwaitedBody(InputStream body) {
    super(body);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    long asked = System.nanoTime();
    try {
      return super.read(bytes, offset, length);
    } catch (IOException e) {
      if (e.getCause() instanceof SocketTimeoutException) {
        throw new RefusedException(
            Refusal.MALFORMED_REQUEST,
            "nothing came for %d s"
                .formatted(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - asked)));
      }
      throw e;
    }
  }
}
