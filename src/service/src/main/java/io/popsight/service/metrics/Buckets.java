package io.popsight.service.metrics;

import java.time.Duration;
import java.util.Arrays;

/** Upper bounds of histograms. */
final class Buckets {

  private Buckets() {}

  static Duration[] seconds(double... bounds) {
    return Arrays.stream(bounds)
        .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
        .toArray(Duration[]::new);
  }
}
