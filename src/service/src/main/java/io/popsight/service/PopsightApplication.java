package io.popsight.service;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.tracing.Tracer;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.service.metrics.ServiceMetrics;
import io.popsight.service.metrics.StageTraces;
import io.popsight.service.model.ModelRegistry;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The Spring context: settings, models, the pool that runs them, the doors. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(PopsightProperties.class)
public class PopsightApplication {

  private static final Logger LOG = LoggerFactory.getLogger(PopsightApplication.class);

  /** The models, loaded before the port opens. */
  @Bean
  ModelRegistry models(PopsightProperties properties) {
    return ModelRegistry.load(
        Path.of(properties.models()), properties.backend(), properties.defaultModel());
  }

  /** Said once a start, because it is easily forgotten before a machine is opened to others. */
  @Bean
  ApplicationRunner openDoorWarning() {
    return arguments ->
        LOG.warn("No API key is configured: whoever reaches this port can use every endpoint");
  }

  /** Workers for photos. */
  @Bean
  InferencePool pool(PopsightProperties properties) {
    return new InferencePool(properties.threads(), properties.queue());
  }

  /** Bounds what a photo may cost. */
  @Bean
  PhotoDecoder photoDecoder(PopsightProperties properties) {
    return new PhotoDecoder(
        new PhotoLimits(
            Math.toIntExact(properties.maxPhotoSize().toBytes()), properties.maxPhotoPixels()));
  }

  /** The way from a photo's bytes to boxes. */
  @Bean
  PhotoDetection photoDetection(PhotoDecoder decoder) {
    return new PhotoDetection(decoder);
  }

  /** Requests, whichever door they come through. */
  @Bean
  RequestMetrics requestMetrics(MeterRegistry registry) {
    return new RequestMetrics(registry);
  }

  /** Spans of a photo's stages, where tracing is on. */
  @Bean
  StageTraces stageTraces(ObjectProvider<Tracer> tracer) {
    return new StageTraces(tracer.getIfAvailable(() -> Tracer.NOOP));
  }

  /** What runs here. */
  @Bean
  MeterBinder serviceMetrics() {
    return new ServiceMetrics();
  }

  /** Gauges that need no request. */
  @Bean
  DetectionMetrics metrics(MeterRegistry registry, InferencePool pool, ModelRegistry models) {
    return new DetectionMetrics(registry, pool, models);
  }
}
