package io.popsight.service;

import io.popsight.service.detect.InferencePool;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;

/** All workers of a pool, at photos that take until this is closed. */
record BusyWorkers(InferencePool pool, Semaphore end) implements AutoCloseable {

  /** Waits until each of them has begun. */
  static BusyWorkers of(InferencePool pool) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(pool.threads());
    Semaphore end = new Semaphore(0);
    for (int i = 0; i < pool.threads(); i++) {
      FutureTask<Boolean> photo =
          new FutureTask<>(
              () ->
                  pool.run(
                      _ -> {
                        begun.countDown();
                        end.acquireUninterruptibly();
                        return true;
                      }));
      Thread.ofVirtual().start(photo);
    }
    begun.await();
    return new BusyWorkers(pool, end);
  }

  /** Waits until so many photos wait for a worker. */
  void awaitWaiting(int photos) throws InterruptedException {
    while (pool.queued() != photos) {
      Thread.sleep(1);
    }
  }

  @Override
  public void close() {
    end.release(pool.threads());
  }
}
