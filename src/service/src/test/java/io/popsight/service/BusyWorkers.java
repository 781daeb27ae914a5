package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.service.detect.InferencePool;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** All workers of a pool, at photos that take until this is closed. */
record BusyWorkers(InferencePool pool, Semaphore end) implements AutoCloseable {

  /** Waits until each of them has begun. */
  static BusyWorkers of(InferencePool pool) throws InterruptedException {
    BusyWorkers busy = new BusyWorkers(pool, new Semaphore(0));
    try {
      for (int i = 0; i < pool.threads(); i++) {
        busy.occupyOne();
      }
      return busy;
    } catch (InterruptedException | AssertionError e) {
      busy.close();
      throw e;
    }
  }

  private void occupyOne() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
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
    while (!begun.await(10, TimeUnit.MILLISECONDS)) {
      assertThat(photo.isDone()).as("the pool refuses a photo").isFalse();
    }
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
