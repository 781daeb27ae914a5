package io.popsight.service.desk;

import org.springframework.stereotype.Component;

/**
 * The part of the heap that bodies and messages of requests share while they are read and answered:
 * the queue bounds how many photos wait, and not how large they are. Thread-safe.
 */
@Component
public final class BodyMemory {

  /**
   * Of the heap; a body is there twice while its pieces are put together, and other things live.
   */
  private static final int SHARE = 4;

  /** A body that is no larger always passes, so that nobody who holds the rest shuts others out. */
  private static final long SMALL = 1 << 20;

  private final long most;
  private long held;

  BodyMemory() {
    this(Runtime.getRuntime().maxMemory() / SHARE);
  }

  /** So many bytes, of all bodies together. */
  public BodyMemory(long most) {
    this.most = most;
  }

  /** Nothing yet, for one request or message. */
  public Share open() {
    return new Share();
  }

  private synchronized void take(long bytes, long ofBody) {
    if (ofBody > Math.max(most, SMALL)) {
      throw new RefusedException(
          Refusal.TOO_LARGE,
          "the body needs %d bytes of memory or more; this server has %d for all bodies"
              .formatted(ofBody, most));
    }
    if (ofBody > SMALL && held + bytes > most) {
      throw new RefusedException(
          Refusal.QUEUE_FULL,
          "other large bodies are being read, and there is no memory for one that needs %d bytes"
              .formatted(ofBody));
    }
    held += bytes;
  }

  private synchronized void giveBack(long bytes) {
    held -= bytes;
  }

  /** What one body holds. Thread-safe; once closed it holds nothing any more. */
  public final class Share implements AutoCloseable {

    private long bytes;
    private boolean closed;

    /**
     * Takes more.
     *
     * @throws RefusedException if it can never be had, or not now
     */
    public synchronized void grow(long by) {
      if (!closed) {
        take(by, bytes + by);
        bytes += by;
      }
    }

    /** Gives some of it back. */
    public synchronized void shrink(long by) {
      long given = Math.min(by, bytes);
      giveBack(given);
      bytes -= given;
    }

    @Override
    public synchronized void close() {
      shrink(bytes);
      closed = true;
    }
  }
}
