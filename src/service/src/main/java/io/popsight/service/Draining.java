package io.popsight.service;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Goes on serving for a while after SIGTERM. Readiness is false by then, and whoever balances the
 * load needs that time to see it; only afterwards do the ports close.
 */
final class Draining implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private final Duration time;
  private volatile boolean running;

  Draining(Duration time) {
    this.time = time;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    LOG.info("No longer ready; serving for {} ms more", time.toMillis());
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
