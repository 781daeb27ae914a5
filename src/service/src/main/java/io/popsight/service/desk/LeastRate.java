package io.popsight.service.desk;

import io.popsight.service.PopsightProperties;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How fast what is sent must come at least: whoever sends a byte now and then would hold memory for
 * ever.
 */
@Component
public final class LeastRate {

  /** A phone's line is away for some seconds now and then. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final long bytesASecond;
  private final long graceNanos;

  @Autowired
  LeastRate(PopsightProperties properties) {
    this(properties.minUploadRate().toBytes(), GRACE);
  }

  /** So many bytes a second, 0 for none, and how far a sender may be behind. */
  public LeastRate(long bytesASecond, Duration grace) {
    this.bytesASecond = bytesASecond;
    this.graceNanos = grace.toNanos();
  }

  /** For one sender, who is not behind yet. */
  public Pace open() {
    return new Pace();
  }

  /** How far one sender is behind. For one thread. */
  public final class Pace {

    private double behindNanos;

    /**
     * Counts a wait and what came of it. What came faster is not put by: else a body whose half
     * came at once could rest for hours.
     *
     * @throws RefusedException if the sender is too far behind
     */
    public void waited(long nanos, long bytes) {
      if (bytesASecond == 0) {
        return;
      }
      double paid = (double) TimeUnit.SECONDS.toNanos(bytes) / bytesASecond;
      behindNanos = Math.max(0, behindNanos + nanos - paid);
      if (behindNanos > graceNanos) {
        throw new RefusedException(
            Refusal.TOO_SLOW,
            "less than %d bytes a second came for %d s"
                .formatted(bytesASecond, TimeUnit.NANOSECONDS.toSeconds(graceNanos)));
      }
    }
  }
}
