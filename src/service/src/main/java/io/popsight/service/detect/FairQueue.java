package io.popsight.service.detect;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
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

  /** How many of each caller's jobs are being done. */
  private final Map<String, Integer> taken = new HashMap<>();

  private int size;

  /** Jobs that wait. */
  int size() {
    return size;
  }

  void add(String caller, J job) {
    waiting.computeIfAbsent(caller, name -> new ArrayDeque<>()).addLast(job);
    size++;
  }

  /**
   * The next job, which its caller has until it is {@link #done}; its next turn is after everybody
   * else's.
   */
  Optional<J> poll() {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Map.Entry<String, Deque<J>> turn = waiting.entrySet().iterator().next();
    String caller = turn.getKey();
    Deque<J> jobs = turn.getValue();
    J job = jobs.removeFirst();
    size--;
    taken.merge(caller, 1, Integer::sum);
    waiting.remove(caller);
    if (!jobs.isEmpty()) {
      waiting.put(caller, jobs);
    }
    return Optional.of(job);
  }

  /** One of a caller's jobs that were taken is done. */
  void done(String caller) {
    taken.computeIfPresent(caller, (_, jobs) -> jobs == 1 ? null : jobs - 1);
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

  /** Whether somebody who waits has more jobs than this caller would have with one more. */
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

  /** By what is being done too: where few may wait, nobody has more than one of those. */
  private Optional<String> greedier(String caller) {
    int own = jobs(caller) + 1;
    return waiting.keySet().stream()
        .filter(other -> jobs(other) > own)
        .max(Comparator.comparingInt(this::jobs));
  }

  private int jobs(String caller) {
    return waiting.getOrDefault(caller, new ArrayDeque<>()).size() + taken.getOrDefault(caller, 0);
  }
}
