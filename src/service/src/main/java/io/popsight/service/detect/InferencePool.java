package io.popsight.service.detect;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/** As many workers as cores and a bounded queue before them; a full queue refuses at once. */
public final class InferencePool implements AutoCloseable {

  private static final long LAST_PHOTO_SECONDS = 10;

  private final ThreadPoolExecutor workers;
  private final int capacity;

  /**
   * Starts the workers.
   *
   * @param threads 0 takes the cores that the process may use
   * @param queue photos that may wait
   */
  public InferencePool(int threads, int queue) {
    int size = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    this.capacity = queue;
    this.workers =
        new ThreadPoolExecutor(
            size,
            size,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            Thread.ofPlatform().name("inference-", 0).daemon().factory());
  }

  /** Photos waiting. */
  public int queued() {
    return workers.getQueue().size();
  }

  /** Photos that may wait. */
  public int capacity() {
    return capacity;
  }

  /** Workers. */
  public int threads() {
    return workers.getMaximumPoolSize();
  }

  /**
   * Runs work on a worker and waits for it. A caller that is interrupted frees its place.
   *
   * @param work is told how many nanoseconds it waited
   * @throws RejectedExecutionException if the queue is full
   * @throws CancellationException if the caller was interrupted
   */
  public <T> T run(LongFunction<T> work) {
    long asked = System.nanoTime();
    FutureTask<T> task = new FutureTask<>(() -> work.apply(System.nanoTime() - asked));
    try {
      workers.execute(task);
    } catch (RejectedExecutionException e) {
      throw new RejectedExecutionException("the queue is full; try again in a second", e);
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      task.cancel(false);
      workers.remove(task);
      Thread.currentThread().interrupt();
      throw new CancellationException("the caller gave up");
    }
  }

  @Override
  public void close() {
    workers.shutdown();
    try {
      // Models are closed after the pool: no native memory may go while a worker still reads it.
      if (!workers.awaitTermination(LAST_PHOTO_SECONDS, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
