package io.popsight.service.desk;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * The part of the heap that bodies and messages of requests share while they are read and answered,
 * and with them the pictures that are answered: the queue bounds how many photos wait, and not how
 * large they are. Thread-safe.
 */
@Component
public final class BodyMemory {

  /** The attribute of an HTTP request that has its {@link Share}, held until it is answered. */
  public static final String OF_REQUEST = "popsight.body-memory";

  /**
   * Of the heap; a body is there twice while its pieces are put together, and other things live.
   */
  private static final int SHARE = 4;

  /** A body that is no larger always passes, so that nobody who holds the rest shuts others out. */
  private static final long SMALL = 1 << 20;

  /** For what others of the same stream hold, too: it is a photo's time. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

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
          "the request needs %d bytes of memory or more; this server has %d for all of them"
              .formatted(ofBody, most));
    }
    if (lacks(bytes, ofBody)) {
      throw new RefusedException(
          Refusal.QUEUE_FULL,
          "other large requests are under way, and there is no memory for one that needs %d bytes"
              .formatted(ofBody));
    }
    held += bytes;
  }

  private boolean lacks(long bytes, long ofBody) {
    return ofBody > SMALL && held + bytes > most;
  }

  private synchronized void giveBack(long bytes) {
    held -= bytes;
    notifyAll();
  }

  private synchronized void takePatiently(long bytes, long ofBody) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (ofBody <= most && lacks(bytes, ofBody)) {
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
          break;
        }
        wait(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ended();
    }
    take(bytes, ofBody);
  }

  private static CancellationException ended() {
    return new CancellationException("the request has ended");
  }

  /** What one body holds, and its answer. Thread-safe; once closed it holds nothing any more. */
  public final class Share implements AutoCloseable {

    private long bytes;
    private boolean closed;

    /**
     * Takes more.
     *
     * @throws RefusedException if it can never be had, or not now
     */
    public synchronized void grow(long by) {
      grow(by, bytes + by);
    }

    /**
     * Takes more for one of several bodies, which has so much then.
     *
     * @throws RefusedException as above
     */
    public synchronized void grow(long by, long ofBody) {
      requireOpen();
      take(by, ofBody);
      bytes += by;
    }

    /**
     * Takes more, and waits for it where a stream is rather held back than broken.
     *
     * @throws RefusedException if it can never be had, or not in time
     */
    public synchronized void growPatiently(long by) {
      requireOpen();
      takePatiently(by, bytes + by);
      bytes += by;
    }

    /** Else what comes behind the end of a request would count for nobody. */
    private void requireOpen() {
      if (closed) {
        throw ended();
      }
    }

    /** Most bytes of all bodies together. */
    public long most() {
      return most;
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
