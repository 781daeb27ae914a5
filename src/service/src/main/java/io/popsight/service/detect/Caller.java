package io.popsight.service.detect;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/**
 * Who asks, and how long the answer is worth waiting for. A door sets it around a request; work
 * handed to another thread takes it along.
 *
 * @param name a key's name, or an address; callers of one name share their turns in the queue
 * @param patience how long a photo may take, from asking to the answer
 * @param charge takes a number of photos off what the caller may ask for; throws if nothing is left
 */
public record Caller(String name, Duration patience, IntConsumer charge) {

  /** What nobody limited; a deadline far enough away. */
  public static final Duration PATIENT = Duration.ofDays(1);

  private static final Caller NOBODY = new Caller("", PATIENT);

  private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  /** A caller who may ask for any number. */
  public Caller(String name, Duration patience) {
    this(name, patience, _ -> {});
  }

  /** Who asks on this thread. */
  public static Caller current() {
    return CURRENT.orElse(NOBODY);
  }

  /** Does something in this caller's name. */
  public <T> T call(Callable<T> work) throws Exception {
    return ScopedValue.where(CURRENT, this).call(work::call);
  }

  /** Does something in this caller's name. */
  public void run(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }
}
