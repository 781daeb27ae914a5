package io.popsight.engine.plan;

import io.popsight.backend.Helpers;
import io.popsight.engine.conv.RowSums;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one arena, which helpers may join at any moment. The rows of a step go in chunks to
 * whichever thread asks next, so that a helper that comes late, or loses its core, costs nothing
 * but the chunk in its hands; a step begins when the one before is complete. What a row becomes
 * does not depend on who makes it, so neither does the answer.
 */
final class SharedRun implements Runnable {

  /** So many chunks a thread and step: what the last thread still does while others wait. */
  private static final int CHUNKS_A_THREAD = 4;

  /** Looks at an empty step, of tens of nanoseconds each, before a helper goes. */
  private static final int PATIENCE = 10_000;

  /** Looks before the caller gives its core to whoever holds the last chunk. */
  private static final int SPINS = 1_000;

  private static final int NO_PLACE = -1;
  private static final int COUNT_BITS = 16;
  private static final int MOST_CHUNKS = (1 << COUNT_BITS) - 1;

  private final Step[] steps;
  private final Arena arena;
  private final Helpers helpers;

  /** A row of sums for each thread, the caller's first. */
  private final RowSums[] sums;

  /** Bit h is set while a thread helps with {@code sums[h + 1]}. */
  private final AtomicInteger helping = new AtomicInteger();

  /**
   * Which chunk is next: the step's number over all runs, its chunks, the chunks taken. The number
   * changes with every step, so a chunk can only be taken of the step that was looked at.
   */
  private final AtomicLong next = new AtomicLong();

  private final AtomicInteger done = new AtomicInteger();

  // Written by the caller before it sets next, read by a helper once it has taken a chunk: until
  // that is done the caller does not write them again.
  private Step step;
  private int photo;
  private int rows;

  private volatile @Nullable Throwable failure;

  SharedRun(Step[] steps, Arena arena, Helpers helpers, RowSums[] sums) {
    this.steps = steps;
    this.step = steps[0];
    this.arena = arena;
    this.helpers = helpers;
    this.sums = sums;
  }

  /** Runs photos, alone where there is nobody to help. */
  void photos(int batch) {
    if (sums.length == 1) {
      for (int i = 0; i < batch; i++) {
        for (Step one : steps) {
          one.run(arena, i, 0, one.rows(arena), sums[0]);
        }
      }
      return;
    }
    helpers.invite(this, sums.length - 1);
    try {
      for (int i = 0; i < batch; i++) {
        for (Step one : steps) {
          share(one, i);
        }
      }
    } finally {
      publish(0);
    }
  }

  /** Runs the first photo on this thread and adds to each step the nanoseconds that it took. */
  void profile(long[] nanos) {
    for (int s = 0; s < steps.length; s++) {
      long start = System.nanoTime();
      steps[s].run(arena, 0, 0, steps[s].rows(arena), sums[0]);
      nanos[s] += System.nanoTime() - start;
    }
  }

  private void share(Step one, int index) {
    step = one;
    photo = index;
    rows = one.rows(arena);
    int chunks = Math.min(Math.min(rows, CHUNKS_A_THREAD * sums.length), MOST_CHUNKS);
    done.set(0);
    publish(chunks);
    while (takeChunk(sums[0])) {}
    awaitHelpers(chunks);
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new IllegalStateException("step '%s' failed".formatted(one.name()), thrown);
    }
  }

  // Yielding is what frees the core for the helper, where there are more threads than cores.
  @SuppressWarnings("ThreadPriorityCheck")
  private void awaitHelpers(int chunks) {
    for (int spins = 0; done.get() < chunks; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private void publish(int chunks) {
    long number = (next.get() >>> (2 * COUNT_BITS)) + 1;
    next.set((number << (2 * COUNT_BITS)) | ((long) chunks << COUNT_BITS));
  }

  private static int chunks(long look) {
    return (int) (look >>> COUNT_BITS) & MOST_CHUNKS;
  }

  private static int taken(long look) {
    return (int) look & MOST_CHUNKS;
  }

  /** Does one chunk; false if none is left or another thread was quicker. */
  private boolean takeChunk(RowSums own) {
    long look = next.get();
    int chunk = taken(look);
    int chunks = chunks(look);
    while (chunk < chunks && !next.compareAndSet(look, look + 1)) {
      look = next.get();
      chunk = taken(look);
      chunks = chunks(look);
    }
    if (chunk >= chunks) {
      return false;
    }
    try {
      int from = (int) ((long) rows * chunk / chunks);
      int end = (int) ((long) rows * (chunk + 1) / chunks);
      step.run(arena, photo, from, end, own);
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      done.incrementAndGet();
    }
    return true;
  }

  /** What a helper does: chunks as they come, until the run is over or it is called away. */
  @Override
  public void run() {
    int place = takePlace();
    if (place == NO_PLACE) {
      return;
    }
    try {
      Thread helper = Thread.currentThread();
      for (int looks = 0;
          looks < PATIENCE && chunks(next.get()) > 0 && !helper.isInterrupted();
          looks++) {
        if (takeChunk(sums[place + 1])) {
          looks = 0;
        } else {
          Thread.onSpinWait();
        }
      }
    } finally {
      helping.addAndGet(-(1 << place));
    }
  }

  /** Never more helpers than rows of sums, although an invitation may be late for another run. */
  private int takePlace() {
    while (true) {
      int places = helping.get();
      int place = Integer.numberOfTrailingZeros(~places);
      if (place >= sums.length - 1) {
        return NO_PLACE;
      }
      if (helping.compareAndSet(places, places | 1 << place)) {
        return place;
      }
    }
  }
}
