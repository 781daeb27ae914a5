package io.popsight.service.detect;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** So many places; callers who wait for one take turns. Thread-safe. */
public final class FairPlaces {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final FairQueue<Turn> waiting = new FairQueue<>();
  private int free;

  /** Of somebody who waits: it comes, or gives way to another's. */
  private static final class Turn {
    private boolean came;
    private boolean gaveWay;
  }

  /** All of them free. */
  public FairPlaces(int places) {
    this.free = places;
  }

  /**
   * Takes a place, to be given back; waits for it.
   *
   * @param mostWaiting how many may wait
   * @param end until when, in the JVM's time
   * @return whether there was one in time
   * @throws RejectedExecutionException if too many wait
   */
  public boolean take(Caller caller, int mostWaiting, long end) throws InterruptedException {
    Turn turn = new Turn();
    lock.lock();
    try {
      if (free == 0 && waiting.size() >= mostWaiting) {
        waiting.giveWayTo(caller.name()).orElseThrow(InferencePool::full).gaveWay = true;
        changed.signalAll();
      }
      waiting.add(caller.name(), turn);
      next();
      while (!turn.came && !turn.gaveWay && end - System.nanoTime() > 0) {
        boolean _ = changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
      if (turn.gaveWay) {
        throw InferencePool.full();
      }
      return turn.came;
    } catch (InterruptedException e) {
      if (turn.came) {
        giveBack(caller);
      }
      throw e;
    } finally {
      boolean _ = waiting.remove(caller.name(), turn);
      lock.unlock();
    }
  }

  /** Whoever's turn it is has the place then. */
  public void giveBack(Caller caller) {
    lock.lock();
    try {
      waiting.done(caller.name(), 1);
      free++;
      next();
    } finally {
      lock.unlock();
    }
  }

  private void next() {
    if (free > 0) {
      waiting
          .poll()
          .ifPresent(
              turn -> {
                turn.came = true;
                free--;
                changed.signalAll();
              });
    }
  }
}
