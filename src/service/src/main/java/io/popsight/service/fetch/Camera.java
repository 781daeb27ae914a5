package io.popsight.service.fetch;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Frames, one after the other. For one thread. */
public final class Camera implements AutoCloseable {

  private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);

  private final Frames frames;
  private final Runnable hangUp;

  /** Where frames come from. */
  @FunctionalInterface
  private interface Frames {

    Optional<byte[]> next() throws IOException;
  }

  private Camera(Frames frames, Runnable hangUp) {
    this.frames = frames;
    this.hangUp = hangUp;
  }

  /** One that sends frames by itself; those within the pause are passed over. */
  static Camera sending(PhotoParts parts, Runnable hangUp, Duration pause) {
    Pace pace = new Pace(pause);
    return new Camera(
        () -> {
          Optional<byte[]> frame = parts.next().map(PhotoParts.Part::bytes);
          while (frame.isPresent() && !pace.isDue()) {
            frame = parts.next().map(PhotoParts.Part::bytes);
          }
          pace.taken();
          return frame;
        },
        hangUp);
  }

  /** One that is asked for each frame. */
  static Camera asked(Supplier<byte[]> photo, Duration pause) {
    Pace pace = new Pace(pause.isZero() ? USUAL_PAUSE : pause);
    return new Camera(
        () -> {
          pace.await();
          pace.taken();
          return Optional.of(photo.get());
        },
        () -> {});
  }

  /**
   * The next frame, encoded; waits for it. Empty when the camera has ended its stream.
   *
   * @throws IOException if the camera cannot be read any more
   * @throws io.popsight.service.desk.RefusedException if it cannot be asked any more
   */
  public Optional<byte[]> next() throws IOException {
    return frames.next();
  }

  @Override
  public void close() {
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

    void await() throws IOException {
      try {
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
