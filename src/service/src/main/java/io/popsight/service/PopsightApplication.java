package io.popsight.service;

import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.model.ModelRegistry;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The Spring context: settings, models, the pool that runs them, the doors. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(PopsightProperties.class)
public class PopsightApplication {

  /** The models, loaded and warm before the port opens. */
  @Bean
  ModelRegistry models(PopsightProperties properties) {
    return ModelRegistry.load(
        Path.of(properties.models()), properties.backend(), properties.defaultModel());
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

  /** Gauges that need no request. */
  @Bean
  DetectionMetrics metrics(
      io.micrometer.core.instrument.MeterRegistry registry,
      InferencePool pool,
      ModelRegistry models) {
    return new DetectionMetrics(registry, pool, models);
  }
}
