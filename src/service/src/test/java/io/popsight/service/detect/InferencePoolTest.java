package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Few workers, few places to wait. */
class InferencePoolTest {

  private static final Caller GREEDY = new Caller("greedy", Caller.PATIENT);
  private static final Caller MODEST = new Caller("modest", Caller.PATIENT);

  @Test
  @Timeout(60)
  void callerWhoGivesUp_freesItsPlace() throws Exception {
    try (InferencePool pool = new InferencePool(1, 1, Duration.ofSeconds(30));
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

  @Test
  @Timeout(60)
  void idleWorkers_helpWithAPhoto_busyOnesDoNot() throws Exception {
    try (InferencePool pool = new InferencePool(3, 4, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<String> working = callers.submit(() -> pool.run(waited -> blocked(started, end)));
      started.await();
      AtomicInteger helpers = new AtomicInteger();
      CountDownLatch both = new CountDownLatch(2);
      CountDownLatch left = new CountDownLatch(1);
      Runnable task =
          () -> {
            helpers.incrementAndGet();
            blocked(both, left);
          };

      until(
          () -> {
            pool.invite(task, 9);
            return both.getCount() == 0;
          });
      left.countDown();

      assertThat(helpers.get()).isEqualTo(2);
      end.countDown();
      assertThat(working.get()).isEqualTo("worked");
    }
  }

  @Test
  @Timeout(60)
  void helper_isCalledAwayByAPhotoThatWaits() throws Exception {
    try (InferencePool pool = new InferencePool(1, 4, Duration.ofSeconds(30))) {
      CountDownLatch helping = new CountDownLatch(1);
      AtomicBoolean calledAway = new AtomicBoolean();
      Runnable task =
          () -> {
            helping.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              calledAway.set(true);
              Thread.currentThread().interrupt();
            }
          };
      until(
          () -> {
            pool.invite(task, 1);
            return helping.getCount() == 0;
          });

      boolean interrupted = pool.run(waited -> Thread.interrupted());

      assertThat(calledAway).isTrue();
      assertThat(interrupted).as("the photo").isFalse();
    }
  }

  @Test
  @Timeout(60)
  void photoPastItsDeadline_isAnsweredThoughTheWorkerIsBusyAndNeverRuns() throws Exception {
    try (InferencePool pool = new InferencePool(1, 4, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<String> working = callers.submit(() -> pool.run(waited -> blocked(started, end)));
      started.await();
      AtomicBoolean ran = new AtomicBoolean();
      Caller hurried = new Caller("hurried", Duration.ofMillis(1));
      Future<Object> late =
          callers.submit(
              () -> hurried.call(() -> pool.run(waited -> ran.compareAndSet(false, true))));

      assertThatThrownBy(late::get)
          .cause()
          .isInstanceOfSatisfying(
              DeadlineExceededException.class, e -> assertThat(e.ofService()).isFalse());
      assertThat(pool.queued()).isZero();
      end.countDown();
      assertThat(working.get()).isEqualTo("worked");
      assertThat(ran).isFalse();
    }
  }

  @Test
  @Timeout(60)
  void photoThatTakesLongerThanItsDeadline_isNotWaitedFor() throws Exception {
    try (InferencePool pool = new InferencePool(1, 4, Duration.ofMillis(5))) {
      CountDownLatch end = new CountDownLatch(1);

      assertThatThrownBy(() -> pool.run(waited -> blocked(new CountDownLatch(1), end)))
          .isInstanceOfSatisfying(
              DeadlineExceededException.class, e -> assertThat(e.ofService()).isTrue())
          .hasMessageContaining("5 ms");
      end.countDown();
    }
  }

  /** As OpenCV's binding says it. */
  @Test
  void photoWithoutNativeMemory_isRefusedAsWhereTheQueueIsFull() {
    try (InferencePool pool = new InferencePool(1, 1, Duration.ofSeconds(30))) {
      assertThatThrownBy(() -> lackMemory(pool, "Physical memory usage is too high"))
          .isInstanceOf(RejectedExecutionException.class)
          .hasMessage("there is no memory for the photo now; try again");
      assertThat(pool.<String>run(waited -> "next")).isEqualTo("next");
    }
  }

  /** More replicas would not help: nobody must take it for load. */
  @Test
  void fullHeap_isAFault() {
    try (InferencePool pool = new InferencePool(1, 1, Duration.ofSeconds(30))) {
      assertThatThrownBy(() -> lackMemory(pool, "Java heap space"))
          .isInstanceOf(IllegalStateException.class)
          .hasRootCauseInstanceOf(OutOfMemoryError.class);
    }
  }

  private static void lackMemory(InferencePool pool, String message) {
    pool.run(
        waited -> {
          throw new OutOfMemoryError(message);
        });
  }

  @Test
  @Timeout(60)
  void greedyCaller_givesWayToAnother() throws Exception {
    try (InferencePool pool = new InferencePool(1, 3, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<String> working = callers.submit(() -> pool.run(waited -> blocked(started, end)));
      started.await();
      List<Future<Object>> many = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        many.add(callers.submit(() -> GREEDY.call(() -> pool.run(waited -> "greedy"))));
        int waiting = i;
        until(() -> pool.queued() == waiting);
      }
      assertThatThrownBy(() -> GREEDY.call(() -> pool.run(waited -> "one more")))
          .isInstanceOf(RejectedExecutionException.class);

      Future<Object> one = callers.submit(() -> MODEST.call(() -> pool.run(waited -> "modest")));

      assertThatThrownBy(many.getLast()::get).hasCauseInstanceOf(RejectedExecutionException.class);
      end.countDown();
      assertThat(one.get()).isEqualTo("modest");
      assertThat(many.getFirst().get()).isEqualTo("greedy");
      assertThat(working.get()).isEqualTo("worked");
    }
  }

  /** One place and one worker, as an overloaded one has it. */
  @Test
  @Timeout(60)
  void greedyCallerWithTheOnlyPlace_givesWayToAnother() throws Exception {
    try (InferencePool pool = new InferencePool(1, 1, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<String> working =
          callers.submit(() -> GREEDY.call(() -> pool.run(waited -> blocked(started, end))));
      started.await();
      Future<String> second = callers.submit(() -> GREEDY.call(() -> pool.run(waited -> "second")));
      until(() -> pool.queued() == 1);
      assertThat(pool.hasPlace(GREEDY)).isFalse();
      assertThat(pool.hasPlace(MODEST)).isTrue();

      Future<String> one = callers.submit(() -> MODEST.call(() -> pool.run(waited -> "modest")));

      assertThatThrownBy(second::get).hasCauseInstanceOf(RejectedExecutionException.class);
      end.countDown();
      assertThat(one.get()).isEqualTo("modest");
      assertThat(working.get()).isEqualTo("worked");
      assertThat(pool.hasPlace(GREEDY)).as("once its first is done").isTrue();
    }
  }

  @Test
  @Timeout(60)
  void morePhotosThanWorkersCanLookAt_leaveOneEachWaiting() throws Exception {
    try (InferencePool pool = new InferencePool(2, 32, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(pool.capacity()).as("a burst").isEqualTo(32);
      AtomicBoolean enough = new AtomicBoolean();
      for (int i = 0; i < 40; i++) {
        callers.execute(() -> askAgainAndAgain(pool, enough));
      }
      try {
        until(() -> pool.capacity() == 2);
      } finally {
        enough.set(true);
      }
      callers.shutdown();
      assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      until(() -> pool.capacity() == 32);
    }
  }

  @Test
  @Timeout(60)
  void callersWhoWaitForTheirAnswers_mayFillTheQueue() throws Exception {
    try (InferencePool pool = new InferencePool(1, 32, Duration.ofSeconds(30));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean enough = new AtomicBoolean();
      for (int i = 0; i < 8; i++) {
        callers.execute(() -> askAgainAndAgain(pool, enough));
      }

      // Behind two windows of 500 ms the workers have never rested, and nobody was refused.
      try {
        assertThat(slept(1200)).isEqualTo(1200);
        assertThat(pool.capacity()).isEqualTo(32);
        assertThat(pool.queued()).isBetween(5, 8);
      } finally {
        enough.set(true);
      }
    }
  }

  private static void askAgainAndAgain(InferencePool pool, AtomicBoolean enough) {
    while (!enough.get()) {
      try {
        pool.run(waited -> slept(5));
      } catch (RejectedExecutionException e) {
        assertThat(slept(1)).isOne();
      }
    }
  }

  private static int slept(int millis) {
    try {
      Thread.sleep(millis);
      return millis;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
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
