package io.popsight.service.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code GET /metrics}: what every scrape configuration tries first. A scraper that reads
 * OpenMetrics gets exemplars where tracing is on. Where the management has a port of its own,
 * {@link ManagementAccess} has it there.
 */
@RestController
@ConditionalOnManagementPort(ManagementPortType.SAME)
class MetricsController {

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;

  MetricsController(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @GetMapping("/metrics")
  ResponseEntity<byte[]> scrape(
      @RequestHeader(value = HttpHeaders.ACCEPT, defaultValue = "") String accept) {
    String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return ResponseEntity.ok()
        .header(HttpHeaders.CONTENT_TYPE, type)
        .body(registry.scrape(type).getBytes(StandardCharsets.UTF_8));
  }
}
