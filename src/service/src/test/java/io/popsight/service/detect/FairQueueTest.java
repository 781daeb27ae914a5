package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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
    queue.done("a");
    queue.add("a", "a3");
    assertThat(queue.hasGreedierThan("c")).as("nobody has two any more").isFalse();
  }
}
