package io.popsight.service.detect;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Jobs by caller, taken in turns: one of each caller, round after round, each caller's own in the
 * order in which they came. Not thread-safe.
 */
final class FairQueue<J> {

  /** In the order of turns. */
  private final Map<String, Deque<J>> waiting = new LinkedHashMap<>();

  private int size;

  int size() {
    return size;
  }

  void add(String caller, J job) {
    waiting.computeIfAbsent(caller, name -> new ArrayDeque<>()).addLast(job);
    size++;
  }

  /** The next job; its caller's next turn is after everybody else's. */
  Optional<J> poll() {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Map.Entry<String, Deque<J>> turn = waiting.entrySet().iterator().next();
    String caller = turn.getKey();
    Deque<J> jobs = turn.getValue();
    J job = jobs.removeFirst();
    size--;
    waiting.remove(caller);
    if (!jobs.isEmpty()) {
      waiting.put(caller, jobs);
    }
    return Optional.of(job);
  }

  boolean remove(String caller, J job) {
    Deque<J> jobs = waiting.get(caller);
    if (jobs == null || !jobs.remove(job)) {
      return false;
    }
    size--;
    if (jobs.isEmpty()) {
      waiting.remove(caller);
    }
    return true;
  }

  /** Whether somebody has more waiting than this caller would have with one more. */
  boolean hasGreedierThan(String caller) {
    return greedier(caller).isPresent();
  }

  /** Takes out the job that gives way to one more of a caller: the last of whoever has the most. */
  Optional<J> giveWayTo(String caller) {
    Optional<String> greedier = greedier(caller);
    if (greedier.isEmpty()) {
      return Optional.empty();
    }
    Optional<J> last =
        Optional.ofNullable(waiting.get(greedier.get())).map(jobs -> jobs.peekLast());
    last.ifPresent(job -> remove(greedier.get(), job));
    return last;
  }

  private Optional<String> greedier(String caller) {
    int own = waiting.getOrDefault(caller, new ArrayDeque<>()).size() + 1;
    return waiting.entrySet().stream()
        .filter(e -> e.getValue().size() > own)
        .max(Comparator.comparingInt(e -> e.getValue().size()))
        .map(Map.Entry::getKey);
  }
}
