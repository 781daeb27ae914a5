package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The part of the heap that bodies of requests share while they are read and answered: the queue
 * bounds how many photos wait, and not how large they are. Thread-safe.
 */
@Component
final class BodyMemory {

  /**
   * Of the heap; a body is there twice while its pieces are put together, and other things live.
   */
  private static final int SHARE = 4;

  /** A body that is no larger always passes, so that nobody who holds the rest shuts others out. */
  private static final long SMALL = 1 << 20;

  private final long most;
  private final long unknown;
  private long held;

  @Autowired
  BodyMemory(PopsightProperties properties) {
    this(Runtime.getRuntime().maxMemory() / SHARE, properties.maxPhotoSize().toBytes());
  }

  /**
   * Of a size.
   *
   * @param most bytes of all bodies together
   * @param unknown what a body counts that does not say how long it is, in bytes
   */
  BodyMemory(long most, long unknown) {
    this.most = most;
    this.unknown = Math.min(unknown, most);
  }

  /**
   * Takes what a request's body needs.
   *
   * @return bytes, to be given back
   * @throws RefusedException if it can never be had, or not now
   */
  long take(HttpServletRequest request) {
    long length = request.getContentLengthLong();
    return take(length < 0 ? unknown : length);
  }

  private synchronized long take(long bytes) {
    if (bytes > Math.max(most, SMALL)) {
      throw new RefusedException(
          Refusal.TOO_LARGE,
          "the body has %d bytes; the memory of this server is enough for %d"
              .formatted(bytes, most));
    }
    if (bytes > SMALL && held + bytes > most) {
      throw new RefusedException(
          Refusal.QUEUE_FULL,
          "other large bodies are being read, and there is no memory for this one of %d bytes"
              .formatted(bytes));
    }
    held += bytes;
    return bytes;
  }

  synchronized void giveBack(long bytes) {
    held -= bytes;
  }
}
