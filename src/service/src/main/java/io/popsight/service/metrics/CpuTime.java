package io.popsight.service.metrics;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Processor time. */
public final class CpuTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CpuTime() {}

  /** Nanoseconds that the current platform thread has had. */
  public static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
