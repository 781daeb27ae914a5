package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One place, which somebody has. */
@Timeout(60)
class FairPlacesTest {

  private static final Caller GREEDY = new Caller("greedy", Caller.PATIENT);
  private static final Caller MODEST = new Caller("modest", Caller.PATIENT);

  private final FairPlaces places = new FairPlaces(1);
  private final List<String> came = new CopyOnWriteArrayList<>();
  private final Map<String, Throwable> failed = new ConcurrentHashMap<>();

  @Test
  void callersWhoWait_takeTurns() throws Exception {
    assertThat(places.take(GREEDY, 3, later())).isTrue();
    List<Thread> waiting =
        List.of(waits("first", GREEDY, 3), waits("second", GREEDY, 3), waits("other", MODEST, 3));

    places.giveBack(GREEDY);
    for (Thread thread : waiting) {
      thread.join();
    }

    assertThat(came).as("greedy has had one").containsExactly("other", "first", "second");
    assertThat(places.take(MODEST, 1, System.nanoTime())).as("all of them gave it back").isTrue();
  }

  @Test
  void whoWaitsForASecondPlace_givesWayToAnother() throws Exception {
    assertThat(places.take(GREEDY, 1, later())).isTrue();
    Thread second = waits("second", GREEDY, 1);
    assertThatThrownBy(() -> places.take(GREEDY, 1, later()))
        .isInstanceOf(RejectedExecutionException.class);

    Thread other = waits("other", MODEST, 1);

    second.join();
    assertThat(failed.get("second")).isInstanceOf(RejectedExecutionException.class);
    places.giveBack(GREEDY);
    other.join();
    assertThat(came).containsExactly("other");
  }

  @Test
  void whoGivesUp_waitsNoMore() throws Exception {
    assertThat(places.take(GREEDY, 1, later())).isTrue();
    assertThat(places.take(MODEST, 1, System.nanoTime())).as("no time").isFalse();
    Thread interrupted = waits("interrupted", MODEST, 1);
    interrupted.interrupt();
    interrupted.join();
    assertThat(failed.get("interrupted")).isInstanceOf(InterruptedException.class);

    places.giveBack(GREEDY);

    assertThat(places.take(GREEDY, 1, System.nanoTime())).isTrue();
  }

  /** Somebody who gives the place back as soon as it has it. */
  private Thread waits(String name, Caller caller, int mostWaiting) throws InterruptedException {
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    assertThat(places.take(caller, mostWaiting, later())).isTrue();
                    came.add(name);
                    places.giveBack(caller);
                  } catch (InterruptedException | RuntimeException e) {
                    failed.put(name, e);
                  }
                });
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(1);
    }
    return thread;
  }

  private static long later() {
    return System.nanoTime() + Duration.ofSeconds(50).toNanos();
  }
}
