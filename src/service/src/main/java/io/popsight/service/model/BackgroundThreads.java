package io.popsight.service.model;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that give way: what they do may take longer, photos may not. Java's own priorities change
 * nothing on Linux, so the thread lowers itself as {@code nice} would; elsewhere it stays as it is.
 */
final class BackgroundThreads {

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundThreads.class);

  /** The arguments of setpriority(2). */
  private static final int PRIO_PROCESS = 0;

  /** On Linux the calling thread, not its process. */
  private static final int SELF = 0;

  private static final int LOWEST = 19;

  private BackgroundThreads() {}

  static ThreadFactory named(String name) {
    return work ->
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .unstarted(
                () -> {
                  lowerSelf();
                  work.run();
                });
  }

  @SuppressWarnings("restricted") // the launcher enables native access
  private static void lowerSelf() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setPriority =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setpriority"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    try {
      int result = (int) setPriority.invokeExact(PRIO_PROCESS, SELF, LOWEST);
      if (result != 0) {
        LOG.debug("setpriority answered {}", result);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority failed", e);
    }
  }
}
