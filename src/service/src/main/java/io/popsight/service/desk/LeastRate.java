package io.popsight.service.desk;

import io.popsight.service.PopsightProperties;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How fast what is sent must come at least: whoever sends a byte now and then would hold memory for
 * ever.
 */
@Component
public final class LeastRate implements AutoCloseable {

  /** A phone's line is away for some seconds now and then. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final long bytesASecond;
  private final long graceNanos;
  private final Set<Watch> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("least-rate").factory());

  @Autowired
  LeastRate(PopsightProperties properties) {
    this(properties.minUploadRate().toBytes(), GRACE);
  }

  /** So many bytes a second, 0 for none, and how far a sender may be behind. */
  public LeastRate(long bytesASecond, Duration grace) {
    this.bytesASecond = bytesASecond;
    this.graceNanos = grace.toNanos();
    Future<?> _ = clock.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  /** For one sender, who is not behind yet. */
  public Pace open() {
    return new Pace();
  }

  /**
   * For one whose messages come piece by piece: who falls silent within one is heard of no more.
   *
   * @param cutOff is told why, once, on a thread of its own
   */
  public Watch watch(Consumer<RefusedException> cutOff) {
    Watch watch = new Watch(cutOff);
    watched.add(watch);
    return watch;
  }

  private void look() {
    long now = System.nanoTime();
    watched.forEach(watch -> watch.look(now));
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  /** How far one sender is behind. For one thread. */
  public final class Pace {

    private double behindNanos;

    /**
     * Counts a wait and what came of it. What came faster is not put by: else a body whose half
     * came at once could rest for hours.
     *
     * @throws RefusedException if the sender is too far behind
     */
    public void waited(long nanos, long bytes) {
      if (bytesASecond == 0) {
        return;
      }
      double paid = (double) TimeUnit.SECONDS.toNanos(bytes) / bytesASecond;
      behindNanos = Math.max(0, behindNanos + nanos - paid);
      if (behindNanos > graceNanos) {
        throw new RefusedException(
            Refusal.TOO_SLOW,
            "less than %d bytes a second came for %d s"
                .formatted(bytesASecond, TimeUnit.NANOSECONDS.toSeconds(graceNanos)));
      }
    }
  }

  /** Messages of one sender. Between them it may be silent. Thread-safe. */
  public final class Watch implements AutoCloseable {

    private final Consumer<RefusedException> cutOff;
    private Pace pace = open();
    private boolean unfinished;
    private long came;
    private long since;

    private Watch(Consumer<RefusedException> cutOff) {
      this.cutOff = cutOff;
    }

    /** More of a message, which is not whole by that. */
    public synchronized void came(long bytes) {
      if (!unfinished) {
        unfinished = true;
        pace = open();
        since = System.nanoTime();
      }
      came += bytes;
    }

    /** Nothing of the message is missing any more. */
    public synchronized void whole() {
      unfinished = false;
      came = 0;
    }

    private synchronized void look(long now) {
      if (!unfinished) {
        return;
      }
      try {
        pace.waited(now - since, came);
      } catch (RefusedException e) {
        close();
        Thread.ofVirtual().start(() -> cutOff.accept(e));
      }
      since = now;
      came = 0;
    }

    @Override
    public void close() {
      watched.remove(this);
    }
  }
}
