package io.popsight.service.detect;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Jobs by caller, taken in turns: the next is of whoever has had the least, each caller's own in
 * the order in which they came. Who comes new or comes back begins at the level that everybody has
 * reached, so that nobody saves turns up. After A. Demers, S. Keshav, S. Shenker, "Analysis and
 * Simulation of a Fair Queueing Algorithm", SIGCOMM 1989; here what a job takes is known only when
 * it is done, until then it counts as a usual one. Not thread-safe.
 */
final class FairQueue<J> {

  private static final double NEWEST_WEIGHT = 0.1;

  /** Of callers who have jobs here, and of those who have had more than the level. */
  private final Map<String, Share<J>> shares = new LinkedHashMap<>();

  private int size;

  /** What each has had who always had jobs here: rises by what is done, divided among callers. */
  private double level;

  /** What a job takes. */
  private double usual = 1;

  private static final class Share<J> {
    private final Deque<J> waiting = new ArrayDeque<>();

    /** Jobs that are being done. */
    private int taken;

    /** What the done ones took, and a start level with the others. */
    private double had;

    int jobs() {
      return waiting.size() + taken;
    }

    double hadWith(double usual) {
      return had + taken * usual;
    }
  }

  /** Jobs that wait. */
  int size() {
    return size;
  }

  /** Callers of whom something is kept. */
  int callers() {
    return shares.size();
  }

  void add(String caller, J job) {
    Share<J> share = shares.computeIfAbsent(caller, _ -> new Share<>());
    if (share.waiting.isEmpty()) {
      share.had = Math.max(share.had, level);
    }
    share.waiting.addLast(job);
    size++;
  }

  /** The next job, which its caller has until it is {@link #done}. */
  Optional<J> poll() {
    return shares.values().stream()
        .filter(share -> !share.waiting.isEmpty())
        .min(Comparator.comparingDouble(share -> share.hadWith(usual)))
        .map(this::take);
  }

  private J take(Share<J> share) {
    share.taken++;
    size--;
    return share.waiting.removeFirst();
  }

  /**
   * One of a caller's jobs that were taken is done.
   *
   * @param took how much of what is shared, in any unit
   */
  void done(String caller, long took) {
    level += (double) took / shares.values().stream().filter(share -> share.jobs() > 0).count();
    usual += NEWEST_WEIGHT * (took - usual);
    Share<J> share = Objects.requireNonNull(shares.get(caller));
    share.taken--;
    share.had += took;
    forgetWhoIsLevel();
  }

  boolean remove(String caller, J job) {
    Share<J> share = shares.get(caller);
    if (share == null || !share.waiting.remove(job)) {
      return false;
    }
    size--;
    forgetWhoIsLevel();
    return true;
  }

  private void forgetWhoIsLevel() {
    shares.values().removeIf(share -> share.jobs() == 0 && share.had <= level);
  }

  /** Whether somebody who waits has more jobs than this caller would have with one more. */
  boolean hasGreedierThan(String caller) {
    return greedier(caller).isPresent();
  }

  /** Takes out the job that gives way to one more of a caller: the last of whoever has the most. */
  Optional<J> giveWayTo(String caller) {
    return greedier(caller)
        .map(
            greedier -> {
              size--;
              return greedier.waiting.removeLast();
            });
  }

  /** By what is being done too: where few may wait, nobody has more than one of those. */
  private Optional<Share<J>> greedier(String caller) {
    Share<J> asks = shares.get(caller);
    int own = asks == null ? 1 : asks.jobs() + 1;
    return shares.values().stream()
        .filter(share -> !share.waiting.isEmpty() && share.jobs() > own)
        .max(Comparator.comparingInt(Share::jobs));
  }
}
