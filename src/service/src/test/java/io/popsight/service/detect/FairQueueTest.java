package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FairQueueTest {

  private final FairQueue<String> queue = new FairQueue<>();

  @Test
  void callers_takeTurns() {
    for (String job : List.of("a1", "a2", "a3", "b1", "c1", "c2")) {
      queue.add(job.substring(0, 1), job);
    }

    List<String> order = new ArrayList<>();
    for (Optional<String> job = queue.poll(); job.isPresent(); job = queue.poll()) {
      order.add(job.get());
    }

    assertThat(order).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    assertThat(queue.size()).isZero();
  }

  @Test
  void lastOfTheGreediest_givesWay() {
    for (String job : List.of("a1", "a2", "a3", "b1", "b2")) {
      queue.add(job.substring(0, 1), job);
    }

    assertThat(queue.giveWayTo("b")).as("b would have as many as a").isEmpty();
    assertThat(queue.giveWayTo("a")).isEmpty();
    assertThat(queue.giveWayTo("c")).contains("a3");
    assertThat(queue.size()).isEqualTo(4);
    assertThat(queue.remove("a", "a1")).isTrue();
    assertThat(queue.remove("a", "a1")).isFalse();
    assertThat(queue.poll()).contains("a2");
  }

  @Test
  void whoseJobIsBeingDone_givesWayWithTheOneThatWaits() {
    queue.add("a", "a1");
    assertThat(queue.poll()).contains("a1");
    queue.add("a", "a2");

    assertThat(queue.hasGreedierThan("a")).isFalse();
    assertThat(queue.hasGreedierThan("b")).isTrue();
    assertThat(queue.giveWayTo("b")).contains("a2");

    queue.add("b", "b1");
    assertThat(queue.hasGreedierThan("a")).as("nobody has two").isFalse();
    assertThat(queue.hasGreedierThan("c")).as("nobody has two").isFalse();
    queue.done("a", 1);
    queue.add("a", "a3");
    assertThat(queue.hasGreedierThan("c")).as("nobody has two any more").isFalse();
  }

  @Test
  void turns_areOfWhatJobsTake() {
    Map<String, Long> took = Map.of("large", 17L, "small", 1L);
    took.keySet().forEach(caller -> addMany(caller, 400));

    Map<String, Long> had = serve(300, took);

    assertThat(had.get("large")).isCloseTo(had.get("small"), within(17L));
    assertThat(queue.size()).isEqualTo(500);
  }

  @Test
  void callerWithOneJobAtATime_hasNoMoreThanOneWithMany() {
    addMany("many", 400);
    Map<String, Long> took = Map.of("one", 17L);
    Map<String, Long> had = new HashMap<>();

    for (int i = 0; i < 20; i++) {
      queue.add("one", "one");
      while (queue.size() > 400 - had.getOrDefault("many", 0L)) {
        serve(1, took).forEach((caller, more) -> had.merge(caller, more, Long::sum));
      }
    }

    assertThat(had.get("one")).isEqualTo(20 * 17L);
    assertThat(had.get("many")).isBetween(18 * 17L, 20 * 17L);
  }

  @Test
  void callerWhoWasAway_hasNoTurnsSaved() {
    addMany("steady", 100);
    serve(50, Map.of());
    addMany("back", 100);

    assertThat(serve(20, Map.of()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("steady", 10L, "back", 10L));
  }

  @Test
  void callersWhoComeOnce_areForgotten() {
    for (int i = 0; i < 10_000; i++) {
      String once = "caller" + i;
      addMany(once, 1);
      addMany("steady", 1);
      serve(2, Map.of(once, 3L));
    }

    assertThat(queue.callers()).isLessThan(10);
  }

  private void addMany(String caller, int jobs) {
    for (int i = 0; i < jobs; i++) {
      queue.add(caller, caller);
    }
  }

  /**
   * Does so many jobs, each named as its caller; returns what those of each took, 1 where not told.
   */
  private Map<String, Long> serve(int jobs, Map<String, Long> took) {
    Map<String, Long> had = new HashMap<>();
    for (int i = 0; i < jobs; i++) {
      String caller = queue.poll().orElseThrow();
      long taken = took.getOrDefault(caller, 1L);
      queue.done(caller, taken);
      had.merge(caller, taken, Long::sum);
    }
    return had;
  }
}
