package io.popsight.service.fetch;

import io.popsight.service.Draining;
import io.popsight.service.desk.RefusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Frames, one after the other, until the service stops. For one thread. */
public final class Camera implements AutoCloseable {

  private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);

  private final Frames frames;
  private final Runnable hangUp;
  private final Draining draining;
  private final Runnable end = this::end;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Where frames come from. */
  @FunctionalInterface
  private interface Frames {

    Optional<byte[]> next(CountDownLatch ended);
  }

  private Camera(Frames frames, Runnable hangUp, Draining draining) {
    this.frames = frames;
    this.hangUp = hangUp;
    this.draining = draining;
    draining.opened(end);
  }

  /** One that sends frames by itself; those within the pause are passed over. */
  static Camera sending(
      Supplier<Optional<byte[]>> photos, Runnable hangUp, Duration pause, Draining draining) {
    Pace pace = new Pace(pause);
    return new Camera(
        ended -> {
          Optional<byte[]> photo = photos.get();
          while (photo.isPresent() && !pace.isDue()) {
            photo = photos.get();
          }
          pace.taken();
          return photo;
        },
        hangUp,
        draining);
  }

  /** One that is asked for each frame. */
  static Camera asked(Supplier<byte[]> photo, Duration pause, Draining draining) {
    Pace pace = new Pace(pause.isZero() ? USUAL_PAUSE : pause);
    return new Camera(
        ended -> {
          if (pace.await(ended)) {
            return Optional.empty();
          }
          pace.taken();
          return Optional.of(photo.get());
        },
        () -> {},
        draining);
  }

  /**
   * The next frame, encoded; waits for it. Empty when the camera has ended its stream, or the
   * service stops.
   *
   * @throws RefusedException if the camera cannot be read or asked any more
   */
  public Optional<byte[]> next() {
    if (isEnded()) {
      return Optional.empty();
    }
    try {
      return frames.next(ended);
    } catch (RefusedException e) {
      // Whoever hangs up while the camera speaks breaks its stream.
      if (isEnded()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean isEnded() {
    return ended.getCount() == 0;
  }

  private void end() {
    ended.countDown();
    hangUp.run();
  }

  @Override
  public void close() {
    draining.closed(end);
    hangUp.run();
  }

  /** When a frame may be taken. */
  private static final class Pace {
    private final long pauseNanos;
    private long next = System.nanoTime();

    Pace(Duration pause) {
      this.pauseNanos = pause.toNanos();
    }

    boolean isDue() {
      return System.nanoTime() - next >= 0;
    }

    void taken() {
      next = System.nanoTime() + pauseNanos;
    }

    /** Whether it has ended before, or whoever waits is to go. */
    boolean await(CountDownLatch ended) {
      try {
        return ended.await(next - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return true;
      }
    }
  }
}
