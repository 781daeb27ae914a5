package io.popsight.service;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.service.access.Access;
import io.popsight.service.desk.Refusal;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.detect.WarmUp;
import io.popsight.service.metrics.DetectionMetrics;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.service.metrics.ServiceMetrics;
import io.popsight.service.metrics.StageTraces;
import io.popsight.service.model.ModelFolder;
import io.popsight.service.model.ModelLoader;
import io.popsight.service.model.ModelRegistry;
import jakarta.servlet.MultipartConfigElement;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/** The Spring context: settings, models, the pool that runs them, the doors. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(PopsightProperties.class)
public class PopsightApplication {

  private static final Logger LOG = LoggerFactory.getLogger(PopsightApplication.class);

  private static final long LEAST_PART = 32 << 20;
  private static final int PHOTOS_OF_A_REQUEST = 4;

  /** The models; they load while the rest starts. */
  @Bean
  ModelRegistry models(
      PopsightProperties properties,
      PhotoDetection detection,
      PhotoDecoder decoder,
      InferencePool pool) {
    ModelLoader loader =
        ModelLoader.of(
            properties.backend(),
            properties.perModel(),
            pool,
            new WarmUp(detection),
            properties.compareBackends() ? Optional.of(decoder) : Optional.empty());
    return ModelRegistry.open(
        new ModelFolder(Path.of(properties.models())),
        loader,
        properties.defaultModel(),
        properties.scanInterval());
  }

  /** Readiness comes after this. */
  @Bean
  ApplicationRunner modelsAreWarm(ModelRegistry models) {
    return arguments -> models.awaitLoaded();
  }

  /** A part of readiness: nobody should be sent to a service whose models have all gone. */
  @Bean
  HealthIndicator modelsHealthIndicator(ModelRegistry models) {
    return () -> (models.isEmpty() ? Health.outOfService() : Health.up()).build();
  }

  /** Comparing must not delay readiness. */
  @Bean
  ApplicationListener<ApplicationReadyEvent> filesAreFollowed(ModelRegistry models, Access access) {
    return ready -> {
      models.follow();
      access.follow();
    };
  }

  /** Said once a start, because it is easily forgotten before a machine is opened to others. */
  @Bean
  ApplicationRunner openDoorWarning(Access access) {
    return arguments -> {
      if (access.isOpen()) {
        LOG.warn("No API key is configured: whoever reaches this port can use every endpoint");
      }
    };
  }

  /** A setting misspelt in the environment has no effect. */
  @Bean
  ApplicationRunner unknownVariablesWarning() {
    return arguments -> UnknownVariables.of(System.getenv().keySet()).forEach(LOG::warn);
  }

  /** Who may call what. */
  @Bean
  Access access(PopsightProperties properties) {
    return new Access(properties.keys(), Optional.ofNullable(properties.keyFile()));
  }

  /** Readiness goes first, the ports last. */
  @Bean
  Draining draining(PopsightProperties properties) {
    return new Draining(properties.drain());
  }

  /** Workers for photos. */
  @Bean
  InferencePool pool(PopsightProperties properties) {
    return new InferencePool(properties.threads(), properties.queue(), properties.deadline());
  }

  /** Bounds what a photo may cost. */
  @Bean
  PhotoDecoder photoDecoder(PopsightProperties properties) {
    return new PhotoDecoder(
        new PhotoLimits(
            Math.toIntExact(properties.maxPhotoSize().toBytes()), properties.maxPhotoPixels()));
  }

  /** Bounds multipart bodies: a photo within its limit gets through, kept in memory. */
  @Bean
  MultipartConfigElement multipart(PopsightProperties properties) {
    long photo = Math.max(LEAST_PART, properties.maxPhotoSize().toBytes());
    return new MultipartConfigElement(
        "", photo, PHOTOS_OF_A_REQUEST * photo, Math.toIntExact(photo));
  }

  /** The way from a photo's bytes to boxes. */
  @Bean
  PhotoDetection photoDetection(PhotoDecoder decoder) {
    return new PhotoDetection(decoder);
  }

  /** Requests, whichever door they come through. */
  @Bean
  RequestMetrics requestMetrics(MeterRegistry registry, ObservationRegistry observations) {
    return new RequestMetrics(registry, observations, Refusal.reasons());
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
