package io.popsight.trainer.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C, or a machine that is shut down: the run is asked to stop after its step, and the process
 * waits until the state is saved and that is told.
 */
public final class Interruption implements AutoCloseable {

  private static final long LONGEST_STEP_SECONDS = 120;

  private final AtomicBoolean asked = new AtomicBoolean();
  private final CountDownLatch saved = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "save-before-exit");

  /** From now on the process waits for {@link #close} before it ends. */
  public Interruption() {
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

  /** The run has stopped and nothing is left to be saved or told. */
  @Override
  public void close() {
    saved.countDown();
    if (!asked()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private void stop() {
    ask();
    try {
      if (!saved.await(LONGEST_STEP_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("The step did not end; the checkpoint of the epoch before stands.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
