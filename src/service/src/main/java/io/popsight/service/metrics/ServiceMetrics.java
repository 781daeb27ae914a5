package io.popsight.service.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Optional;

/** Which build runs, on what, with how many processors. */
public final class ServiceMetrics implements MeterBinder {

  @Override
  public void bindTo(MeterRegistry registry) {
    String version =
        Optional.ofNullable(ServiceMetrics.class.getPackage().getImplementationVersion())
            .orElse("development");
    Gauge.builder("popsight.build.info", () -> 1)
        .tags("version", version, "revision", System.getProperty("popsight.commit", "unknown"))
        .tags("java_version", Runtime.version().toString(), "arch", System.getProperty("os.arch"))
        .register(registry);
    Gauge.builder("popsight.cpu.limit.cores", Runtime.getRuntime(), Runtime::availableProcessors)
        .description("Processors that the process may use, a container's limit included")
        .register(registry);
  }
}
