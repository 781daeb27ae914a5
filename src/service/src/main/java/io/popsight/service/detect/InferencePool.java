package io.popsight.service.detect;

import io.popsight.backend.Helpers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As many workers as cores and a bounded queue before them, fair over callers by the time that
 * their photos take; a full queue refuses at once.
 *
 * <p>How many may wait is the deadline divided by the measured time of a photo, within a bound. A
 * burst may use all of it. Where more photos are asked for than workers can look at, over the time
 * of two full queues, waiting only makes every answer late: then no more than one a worker waits.
 * After B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015 (controlled delay), which looks for a
 * queue that is never empty; here that is no sign, since a short queue also runs empty between
 * callers who ask at the same moment.
 *
 * <p>Workers without a photo help with another's. They count as idle all the same: one that helps
 * is called away, by an interrupt, as soon as a photo waits for which no worker rests.
 */
public final class InferencePool implements AutoCloseable, Helpers {

  private static final Logger LOG = LoggerFactory.getLogger(InferencePool.class);

  /** What JavaCPP says where it allocates no more. */
  private static final Pattern NATIVE_MEMORY =
      Pattern.compile("Physical memory usage is too high|memory within limits");

  private static final Duration LAST_PHOTO = Duration.ofSeconds(10);
  private static final double SHORTEST_BURST_NANOS = 500e6;

  /** Above what is measured of the workers' speed by chance. */
  private static final double OVERLOAD = 1.2;

  /**
   * Photos a worker that wait then. With three the service answers no more of them, each after
   * twice the time ({@code load.sh overload}).
   */
  private static final int WAITING_UNDER_OVERLOAD = 1;

  private static final double NEWEST_WEIGHT = 0.1;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final FairQueue<Job<?>> queue = new FairQueue<>();
  private final Queue<Runnable> invitations = new ArrayDeque<>();
  private final List<Thread> workers = new ArrayList<>();
  private final int mostWaiting;
  private final long deadlineNanos;
  private int running;
  private int idle;
  private int helping;

  /** Of those who help, the ones that nobody has called away yet. */
  private final Deque<Thread> helpers = new ArrayDeque<>();

  private final OfferedLoad offered = new OfferedLoad(System.nanoTime());
  private double photoNanos;
  private boolean closed;

  /** A photo that waits. */
  private static final class Job<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final long asked = System.nanoTime();
    private final Caller caller;
    private final LongFunction<T> work;

    Job(Caller caller, LongFunction<T> work) {
      this.caller = caller;
      this.work = work;
    }

    /** Does the work; what it returns tells whoever waits. */
    Runnable run() {
      try {
        T result = work.apply(System.nanoTime() - asked);
        return () -> answer.complete(result);
      } catch (RuntimeException | Error e) {
        return () -> answer.completeExceptionally(e);
      }
    }
  }

  /**
   * Starts the workers.
   *
   * @param threads 0 takes the cores that the process may use
   * @param mostWaiting photos that may wait, however short they take
   * @param deadline how long a photo may take, waiting included
   */
  public InferencePool(int threads, int mostWaiting, Duration deadline) {
    int size = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    this.mostWaiting = mostWaiting;
    this.deadlineNanos = deadline.toNanos();
    for (int i = 0; i < size; i++) {
      workers.add(Thread.ofPlatform().name("inference-" + i).daemon().unstarted(this::work));
    }
    workers.forEach(Thread::start);
  }

  /** Photos waiting. */
  public int queued() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** Photos that may wait now. */
  public int capacity() {
    lock.lock();
    try {
      return limit();
    } finally {
      lock.unlock();
    }
  }

  /** Workers. */
  public int threads() {
    return workers.size();
  }

  /** Photos that keep all workers busy: for each one that is worked on and one that waits. */
  public int photosAtOnce() {
    return 2 * threads();
  }

  /**
   * Looks whether a photo would be taken, before its bytes are read.
   *
   * @throws RejectedExecutionException if the queue is full
   */
  public void requirePlace() {
    if (!hasPlace(Caller.current())) {
      throw full();
    }
  }

  /** Whether a caller's photo would be taken; it counts as asked for where it would not. */
  public boolean hasPlace(Caller caller) {
    lock.lock();
    try {
      boolean place = !isFull() || queue.hasGreedierThan(caller.name());
      if (!place) {
        offered.asked();
      }
      return place;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs work on a worker and waits for it, no longer than the caller's patience. A caller that
   * gives up or is interrupted frees its place in the queue; work that has begun goes on unheard.
   *
   * @param work is told how many nanoseconds it waited
   * @throws RejectedExecutionException if the queue is full
   * @throws DeadlineExceededException if it is not done in time
   * @throws CancellationException if the caller was interrupted
   */
  public <T> T run(LongFunction<T> work) {
    return run(work, end());
  }

  /** As above, no longer than until an end that was told before. */
  public <T> T run(LongFunction<T> work, long end) {
    Caller caller = Caller.current();
    Job<T> job = new Job<>(caller, work);
    submit(job);
    try {
      return job.answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp(job);
      throw late();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      giveUp(job);
      Thread.currentThread().interrupt();
      throw new CancellationException("the caller gave up");
    }
  }

  /** When a photo of the current caller that is asked now has to be done, in the JVM's time. */
  public long end() {
    return System.nanoTime() + patience().toNanos();
  }

  private Duration patience() {
    Duration own = Caller.current().patience();
    return own.toNanos() < deadlineNanos ? own : Duration.ofNanos(deadlineNanos);
  }

  private void submit(Job<?> job) {
    Optional<Job<?>> evicted = Optional.empty();
    lock.lock();
    try {
      if (closed) {
        throw full();
      }
      offered.asked();
      if (isFull()) {
        evicted = queue.giveWayTo(job.caller.name());
        if (evicted.isEmpty()) {
          throw full();
        }
      }
      queue.add(job.caller.name(), job);
      work.signal();
      if (queue.size() > idle - helping && !helpers.isEmpty()) {
        helpers.pop().interrupt();
      }
    } finally {
      lock.unlock();
    }
    evicted.ifPresent(other -> other.answer.completeExceptionally(full()));
  }

  /** What a photo is refused with that finds no place. */
  public static RejectedExecutionException full() {
    return new RejectedExecutionException("the queue is full; try again in a second");
  }

  /**
   * What a photo is refused with, or fails with, whose work ended so. Where native memory has run
   * out for now another photo, or the same one later, may find some; a full heap is a fault.
   */
  public static RuntimeException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case OutOfMemoryError e when NATIVE_MEMORY.matcher(e.toString()).find() -> {
        LOG.warn("A photo is refused for want of memory: {}", e.toString());
        yield new RejectedExecutionException("there is no memory for the photo now; try again", e);
      }
      case null, default -> new IllegalStateException(cause);
    };
  }

  /** What a photo of the current caller ends with that is not done in time. */
  public DeadlineExceededException late() {
    Duration patience = patience();
    return new DeadlineExceededException(patience, patience.toNanos() == deadlineNanos);
  }

  private boolean isFull() {
    return queue.size() + running >= limit() + workers.size();
  }

  private int limit() {
    double fullQueueNanos = mostWaiting * photoNanos / workers.size();
    double burstNanos = Math.max(SHORTEST_BURST_NANOS, 2 * fullQueueNanos);
    if (offered.workers(System.nanoTime(), burstNanos) > OVERLOAD * workers.size()) {
      return Math.min(mostWaiting, WAITING_UNDER_OVERLOAD * workers.size());
    }
    double inTime = photoNanos == 0 ? mostWaiting : deadlineNanos * workers.size() / photoNanos;
    return (int) Math.clamp(inTime, 1, mostWaiting);
  }

  @Override
  public void invite(Runnable task, int most) {
    lock.lock();
    try {
      int free = idle - helping - invitations.size() - queue.size();
      for (int i = Math.min(most, free); i > 0; i--) {
        invitations.add(task);
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(Job<?> job) {
    lock.lock();
    try {
      queue.remove(job.caller.name(), job);
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    Optional<Job<?>> job = next();
    while (job.isPresent()) {
      long start = System.nanoTime();
      Runnable answer = job.get().run();
      // First the place, then the answer: whoever asks again once answered finds it free.
      finished(job.get().caller, System.nanoTime() - start);
      answer.run();
      job = next();
    }
  }

  private Optional<Job<?>> next() {
    lock.lock();
    try {
      if (queue.size() == 0 && !closed) {
        idle++;
        while (queue.size() == 0 && !closed) {
          Runnable task = invitations.poll();
          if (task == null) {
            work.awaitUninterruptibly();
          } else {
            help(task);
          }
        }
        idle--;
      }
      Optional<Job<?>> job = queue.poll();
      running += job.isPresent() ? 1 : 0;
      return job;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock, which others have meanwhile. */
  private void help(Runnable task) {
    helping++;
    helpers.push(Thread.currentThread());
    lock.unlock();
    try {
      task.run();
    } finally {
      lock.lock();
      helping--;
      helpers.remove(Thread.currentThread());
      boolean _ = Thread.interrupted();
    }
  }

  private void finished(Caller caller, long nanos) {
    lock.lock();
    try {
      queue.done(caller.name(), nanos);
      running--;
      photoNanos = photoNanos == 0 ? nanos : photoNanos + NEWEST_WEIGHT * (nanos - photoNanos);
      offered.done(nanos);
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what waits is answered. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      for (Thread worker : workers) {
        worker.join(LAST_PHOTO);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
