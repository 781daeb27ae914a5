package io.popsight.benchmarks;

import io.popsight.backend.Helpers;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;

/** One thread that does nothing but help, where a service would lend an idle worker. */
final class IdleThread implements Helpers, AutoCloseable {

  private final SynchronousQueue<Runnable> invitations = new SynchronousQueue<>();
  private final Thread thread = Thread.ofPlatform().name("idle").daemon().start(this::help);

  /** Nobody waits for the thread: a task that finds it busy is left to its caller. */
  @Override
  public void invite(Runnable task, int most) {
    boolean _ = invitations.offer(task);
  }

  private void help() {
    for (Optional<Runnable> task = next(); task.isPresent(); task = next()) {
      task.get().run();
    }
  }

  private Optional<Runnable> next() {
    try {
      return Optional.of(invitations.take());
    } catch (InterruptedException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
