package io.popsight.engine;

import io.popsight.backend.Helpers;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Helpers that do nothing else, where a service would lend its idle workers. */
final class HelperThreads implements Helpers, AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition invited = lock.newCondition();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private int idle;
  private boolean closed;

  /** Starts so many daemon threads. */
  HelperThreads(int threads) {
    for (int i = 0; i < threads; i++) {
      Thread.ofPlatform().name("helper-" + i).daemon().start(this::work);
    }
  }

  @Override
  public void invite(Runnable task, int most) {
    lock.lock();
    try {
      for (int i = Math.min(most, idle - tasks.size()); i > 0; i--) {
        tasks.add(task);
        invited.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    for (Optional<Runnable> task = next(); task.isPresent(); task = next()) {
      task.get().run();
    }
  }

  private Optional<Runnable> next() {
    lock.lock();
    try {
      idle++;
      while (tasks.isEmpty() && !closed) {
        invited.awaitUninterruptibly();
      }
      idle--;
      return Optional.ofNullable(tasks.poll());
    } finally {
      lock.unlock();
    }
  }

  /** Ends the threads once they have done what they were invited to. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      invited.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
