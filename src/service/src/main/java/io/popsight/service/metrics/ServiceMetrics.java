package io.popsight.service.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.popsight.Build;

/** Which build runs, on what, with how many processors. */
public final class ServiceMetrics implements MeterBinder {

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("popsight.build.info", () -> 1)
        .tags(
            "version",
            Build.version(),
            "revision",
            System.getProperty("popsight.commit", "unknown"))
        .tags("java_version", Runtime.version().toString(), "arch", System.getProperty("os.arch"))
        .register(registry);
    Gauge.builder("popsight.cpu.limit.cores", Runtime.getRuntime(), Runtime::availableProcessors)
        .description("Processors that the process may use, a container's limit included")
        .register(registry);
  }
}
