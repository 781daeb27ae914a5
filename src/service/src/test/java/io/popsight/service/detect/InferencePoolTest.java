package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One worker, one place to wait. */
class InferencePoolTest {

  @Test
  @Timeout(60)
  void callerWhoGivesUp_freesItsPlace() throws Exception {
    try (InferencePool pool = new InferencePool(1, 1);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<String> working = callers.submit(() -> pool.run(waited -> blocked(started, end)));
      AtomicReference<Object> givenUp = new AtomicReference<>("nothing");
      Thread waiting = Thread.ofVirtual().unstarted(() -> givenUp.set(failure(pool)));
      started.await();
      waiting.start();
      until(() -> pool.queued() == 1);
      assertThatThrownBy(() -> pool.run(waited -> "no place"))
          .isInstanceOf(RejectedExecutionException.class)
          .hasMessage("the queue is full; try again in a second");

      waiting.interrupt();
      waiting.join();

      assertThat(givenUp.get()).isInstanceOf(CancellationException.class);
      assertThat(pool.queued()).isZero();
      Future<String> next = callers.submit(() -> pool.run(waited -> "next"));
      until(() -> pool.queued() == 1);
      end.countDown();
      assertThat(working.get()).isEqualTo("worked");
      assertThat(next.get()).isEqualTo("next");
    }
  }

  private static String blocked(CountDownLatch started, CountDownLatch end) {
    started.countDown();
    try {
      end.await();
      return "worked";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object failure(InferencePool pool) {
    try {
      return pool.run(waited -> "was not given up");
    } catch (CancellationException e) {
      return e;
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }
}
