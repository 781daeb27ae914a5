package io.popsight.trainer.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C, or a machine that is shut down: the run is asked to stop after its step, and the process
 * waits until the state is saved, and tells how to go on.
 */
public final class Interruption implements AutoCloseable {

  private static final long LONGEST_STEP_SECONDS = 120;

  private final String howToGoOn;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final CountDownLatch saved = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "save-before-exit");

  /**
   * From now on the process waits for {@link #saved} before it ends.
   *
   * @param howToGoOn what a person is told then
   */
  public Interruption(String howToGoOn) {
    this.howToGoOn = howToGoOn;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the run shall stop after its step. */
  boolean asked() {
    return asked.get();
  }

  /** Asks, as the shutdown does. */
  void ask() {
    asked.set(true);
  }

  /** All that the run has learnt is on the disk; the process need wait no longer. */
  void saved() {
    saved.countDown();
  }

  /** The run is over. */
  @Override
  public void close() {
    saved();
    if (!asked()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private void stop() {
    ask();
    try {
      boolean whole = saved.await(LONGEST_STEP_SECONDS, TimeUnit.SECONDS);
      System.err.printf(
          "%n%s %s%n",
          whole
              ? "Stopped and saved."
              : "The step did not end; the checkpoint of the epoch before stands.",
          howToGoOn);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
