package io.popsight.service;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Goes on serving for a while after SIGTERM. Readiness is false by then, and whoever balances the
 * load needs that time to see it; only afterwards do streams end and the ports close. Thread-safe.
 */
public final class Draining implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private final Duration time;
  private final Set<Runnable> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean running;
  private volatile boolean begun;
  private volatile boolean over;

  /** Serves for so long after it was told to stop. */
  public Draining(Duration time) {
    this.time = time;
  }

  @Override
  public void start() {
    begun = false;
    over = false;
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    begun = true;
    LOG.info("No longer ready; serving for {} ms more", time.toMillis());
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    over = true;
    streams.forEach(Draining::end);
  }

  /** Whether the ports will close soon; they are open as long as somebody can ask. */
  public boolean hasBegun() {
    return begun;
  }

  /**
   * A stream, which would hold the ports open for as long as its other side likes.
   *
   * @param end called on a thread of its own when the service stops; more than once does no harm
   */
  public void opened(Runnable end) {
    streams.add(end);
    if (over) {
      end(end);
    }
  }

  /** A stream that has ended by itself. */
  public void closed(Runnable end) {
    streams.remove(end);
  }

  private static void end(Runnable end) {
    Thread.ofVirtual().start(end);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** The last to start is the first to stop: before the web server and gRPC. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }
}
