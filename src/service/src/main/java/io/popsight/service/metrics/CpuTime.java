package io.popsight.service.metrics;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.Supplier;

/** Processor time of a piece of work, on the platform thread that does it. */
public final class CpuTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private volatile long nanos;

  /** Does the work. */
  public <T> T of(Supplier<T> work) {
    long start = THREADS.getCurrentThreadCpuTime();
    try {
      return work.get();
    } finally {
      nanos = THREADS.getCurrentThreadCpuTime() - start;
    }
  }

  /** What it took, once it is done. */
  public long nanos() {
    return nanos;
  }
}
